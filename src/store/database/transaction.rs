//! Looking things up and keeping them, in one transaction.

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata as _, TableError, WriteTransaction};

use super::{Table, Vault};
use crate::crypto::{OPAQUE_BYTES, Opened, TableKeys};
use crate::store::StoreError;

/// Looks a record of one table up.
pub type LookUp<'a> = dyn Fn(&[u8]) -> Result<Option<Opened>, StoreError> + 'a;

/// Looking things up, in a reading or a writing transaction.
pub trait Rows {
    /// The record under a key; `None` when there is none.
    fn row(&self, table: Table, key: &[u8]) -> Result<Option<Opened>, StoreError>;

    /// Looks up as many records of one table as `work` wants, each depending on the one before, perhaps. Where the table
    /// has no record yet, nothing is done.
    fn looking_up(
        &self,
        table: Table,
        work: &mut dyn FnMut(&LookUp<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Goes through all records of a table, in no order; gives how many could not be read. Long for tables with many.
    fn each(&self, table: Table, take: &mut dyn FnMut(Opened)) -> Result<usize, StoreError>;

    /// How many records a table has.
    fn count(&self, table: Table) -> Result<u64, StoreError>;

    /// All records of a table, in no order. For tables with few of them. Records that can't be read are
    /// counted and left out.
    fn all(&self, table: Table) -> Result<(Vec<Opened>, usize), StoreError> {
        let mut found = Vec::new();
        let damaged = self.each(table, &mut |record| found.push(record))?;
        Ok((found, damaged))
    }
}

/// A reading transaction.
pub struct Reading<'a> {
    pub(super) vault: &'a Vault,
    pub(super) transaction: ReadTransaction,
}

impl Rows for Reading<'_> {
    fn row(&self, table: Table, key: &[u8]) -> Result<Option<Opened>, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => look_up(&rows, keys, table, key),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn looking_up(
        &self,
        table: Table,
        work: &mut dyn FnMut(&LookUp<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => work(&|key| look_up(&rows, keys, table, key)),
            Err(TableError::TableDoesNotExist(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn each(&self, table: Table, take: &mut dyn FnMut(Opened)) -> Result<usize, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => read_each(&rows, keys, take),
            Err(TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let (_, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => Ok(rows.len()?),
            Err(TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

/// A writing transaction.
pub struct Writing<'a> {
    pub(super) vault: &'a Vault,
    pub(super) transaction: WriteTransaction,
}

impl Writing<'_> {
    /// Keeps a record under a key, in place of the one that was there.
    pub fn keep(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.keep_all(table, [(key, value)])
    }

    /// Keeps several records.
    pub fn keep_all<'v>(
        &mut self,
        table: Table,
        records: impl IntoIterator<Item = (impl AsRef<[u8]>, impl AsRef<[u8]> + 'v)>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        let mut rng = rand::rng();
        for (key, value) in records {
            let (key, value) = (key.as_ref(), value.as_ref());
            let opaque = keys.opaque(key);
            let sealed = keys.seal_under(&opaque, key, value, &mut rng);
            rows.insert(&opaque, sealed.as_slice())?;
        }
        Ok(())
    }

    /// Drops a record; nothing happens when there is none.
    pub fn drop_row(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.drop_rows(table, &mut std::iter::once(key.to_vec()))
    }

    /// Drops the records of a table that don't open; gives how many. The damaged file was copied aside when they were met.
    pub(in crate::store) fn drop_unreadable(&mut self, table: Table) -> Result<usize, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        let before = rows.len()?;
        rows.retain(|opaque, sealed| keys.open(opaque, sealed).is_ok())?;
        Ok(usize::try_from(before - rows.len()?).unwrap_or(usize::MAX))
    }

    /// Drops several records.
    pub fn drop_rows(
        &mut self,
        table: Table,
        dropped: &mut dyn Iterator<Item = Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        for key in dropped {
            rows.remove(&keys.opaque(&key))?;
        }
        Ok(())
    }
}

#[cfg(test)]
impl Writing<'_> {
    /// Puts bytes into a record's place that don't open there.
    pub(crate) fn damage(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        rows.insert(&keys.opaque(key), &[1_u8; 300][..])?;
        Ok(())
    }
}

impl Rows for Writing<'_> {
    fn row(&self, table: Table, key: &[u8]) -> Result<Option<Opened>, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        look_up(&self.transaction.open_table(definition)?, keys, table, key)
    }

    fn looking_up(
        &self,
        table: Table,
        work: &mut dyn FnMut(&LookUp<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let rows = self.transaction.open_table(definition)?;
        work(&|key| look_up(&rows, keys, table, key))
    }

    fn each(&self, table: Table, take: &mut dyn FnMut(Opened)) -> Result<usize, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        read_each(&self.transaction.open_table(definition)?, keys, take)
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let (_, definition) = self.vault.keys(table);
        Ok(self.transaction.open_table(definition)?.len()?)
    }
}

fn look_up(
    rows: &impl ReadableTable<&'static [u8; OPAQUE_BYTES], &'static [u8]>,
    keys: &TableKeys,
    table: Table,
    key: &[u8],
) -> Result<Option<Opened>, StoreError> {
    let opaque = keys.opaque(key);
    let Some(sealed) = rows.get(&opaque)? else {
        return Ok(None);
    };
    keys.open(&opaque, sealed.value())
        .map(Some)
        .map_err(|_| StoreError::damaged(table.in_words()))
}

fn read_each(
    rows: &impl ReadableTable<&'static [u8; OPAQUE_BYTES], &'static [u8]>,
    keys: &TableKeys,
    take: &mut dyn FnMut(Opened),
) -> Result<usize, StoreError> {
    let mut damaged = 0;
    for row in rows.iter()? {
        let (opaque, sealed) = row?;
        match keys.open(opaque.value(), sealed.value()) {
            Ok(opened) => take(opened),
            Err(_) => damaged += 1,
        }
    }
    Ok(damaged)
}
