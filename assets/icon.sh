#!/bin/sh
# Renders icon.svg to the PNGs beside it. Needs python3 with cairosvg.
set -eu
cd "$(dirname "$0")"
for size in 16 32 64 128 256 512; do
    python3 -m cairosvg icon.svg -o "icon-$size.png" --output-width "$size" --output-height "$size"
done
