//! How much of a text the likely texts beside it agree with: what makes an answer sure, and each letter of it.

/// A text, and the weight of those texts beside it that read alike.
pub(super) struct Agreement {
    own: Vec<u8>,
    all: f64,
    alike: f64,
    /// For each letter, the weight of the texts that have it too.
    same: Vec<f64>,
}

impl Agreement {
    /// The text alone, with the weight 1.
    pub(super) fn new(own: Vec<u8>) -> Self {
        Self {
            all: 1.0,
            alike: 1.0,
            same: vec![1.0; own.len()],
            own,
        }
    }

    /// The text.
    pub(super) fn own(&self) -> &[u8] {
        &self.own
    }

    /// Whether another text has at least nineteen of twenty letters in common.
    pub(super) fn is_alike(&self, other: &[u8]) -> bool {
        self.in_common(other) * 20 >= self.own.len() * 19
    }

    /// Adds another text with its weight; the same text once more adds nothing.
    pub(super) fn add(&mut self, other: &[u8], weight: f64) {
        if self.in_common(other) == self.own.len() {
            return;
        }
        self.all += weight;
        self.alike += if self.is_alike(other) { weight } else { 0.0 };
        let pairs = self.own.iter().zip(other);
        for (same, (own, other)) in self.same.iter_mut().zip(pairs) {
            *same += if own == other { weight } else { 0.0 };
        }
    }

    /// The share of the weight that reads alike.
    pub(super) fn share(&self) -> f64 {
        self.alike / self.all
    }

    /// For each letter, how sure it is.
    pub(super) fn certainty(&self) -> Vec<f32> {
        self.same.iter().map(|same| (same / self.all) as f32).collect()
    }

    fn in_common(&self, other: &[u8]) -> usize {
        self.own
            .iter()
            .zip(other)
            .filter(|(own, other)| own == other)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_beside_it_count_by_their_weight() {
        let own = vec![1u8; 20];
        let mut agreement = Agreement::new(own.clone());
        agreement.add(&own, 9.0);
        assert_eq!(agreement.share(), 1.0);
        let mut near = own.clone();
        near[0] = 2;
        agreement.add(&near, 1.0);
        assert!(agreement.is_alike(&near) && agreement.share() == 1.0);
        near[1] = 2;
        agreement.add(&near, 2.0);
        assert!(!agreement.is_alike(&near) && agreement.share() == 0.5);
        let certainty = agreement.certainty();
        assert_eq!((certainty[0], certainty[1], certainty[2]), (0.25, 0.5, 1.0));
    }
}
