#!/bin/sh
# Rebuilds the bundled fonts from their sources. Needs fonttools (pyftsubset) and python3.
#
#   subset.sh INTER_DIR JETBRAINS_DIR PHOSPHOR_DIR EMOJI_DIR
#
# INTER_DIR      holds Inter-roman.var.ttf           (Debian: fonts-inter-variable)
# JETBRAINS_DIR  holds JetBrainsMono-Regular.ttf     (Debian: fonts-jetbrains-mono)
# PHOSPHOR_DIR   the unpacked npm package @phosphor-icons/web 2.1.2
# EMOJI_DIR      the unpacked npm package @expo-google-fonts/noto-emoji 0.4.7
#
# Layout features calt and liga are left out on purpose: they would turn "->" into an arrow, and
# ciphertext and keys must be shown exactly as they are.
#
# The two text fonts keep the outline of .notdef: a character that no font has is drawn as that. Without an
# outline it would be a blank, and a message in such a script an empty bubble. Inter's own is a block of
# bars, louder than the text around it: its white square (U+25A1) takes the place.
set -eu
[ $# -eq 4 ] || { sed -n '2,16p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Latin with extensions, combining marks, Greek, Cyrillic, punctuation, currency, letter-like,
# numbers, arrows, mathematics, technical, enclosed, boxes, blocks, shapes, check marks, replacement.
text="U+0020-007E,U+00A0-024F,U+02B0-02FF,U+0300-036F,U+0370-03FF,U+0400-04FF,U+1E00-1EFF"
text="$text,U+2000-206F,U+2070-209F,U+20A0-20BF,U+2100-214F,U+2150-218F,U+2190-21FF,U+2200-22FF"
text="$text,U+2300-23FF,U+2460-24FF,U+2500-25FF,U+2713,U+2717,U+27E8,U+27E9,U+FFFD"

# The weights the theme uses; the lighter and heavier ends of the axis would double the file.
fonttools varLib.instancer "$1/Inter-roman.var.ttf" wght=400:700 -o "$work/inter.ttf"
python3 - "$work/inter.ttf" <<'PY'
import sys
from copy import deepcopy
from fontTools.ttLib import TTFont
font = TTFont(sys.argv[1])
box = font.getBestCmap()[0x25A1]
font["glyf"][".notdef"] = deepcopy(font["glyf"][box])
font["hmtx"][".notdef"] = font["hmtx"][box]
font["gvar"].variations[".notdef"] = deepcopy(font["gvar"].variations[box])
font.save(sys.argv[1])
PY
pyftsubset "$work/inter.ttf" --unicodes="$text" --layout-features=kern,mark,mkmk,ccmp,locl,tnum,case \
    --no-hinting --notdef-outline --output-file="$here/Inter.ttf"

pyftsubset "$2/JetBrainsMono-Regular.ttf" --unicodes="$text" --layout-features=mark,mkmk,ccmp,locl \
    --no-hinting --notdef-outline --output-file="$here/JetBrainsMono.ttf"

codes=$(python3 - "$3/src/regular/selection.json" "$here/icons.txt" <<'PY'
import json, sys
icons = json.load(open(sys.argv[1]))["icons"]
code = {i["properties"]["name"].split(",")[0].strip(): i["properties"]["code"] for i in icons}
print(",".join(f"U+{code[name]:04X}" for name in open(sys.argv[2]).read().split()))
PY
)
pyftsubset "$3/src/regular/Phosphor.ttf" --unicodes="$codes" --layout-features= --no-hinting \
    --output-file="$here/Phosphor.ttf"

# Emoji one code point at a time: no sequences (skin tones, families, flags), half the design grid.
pyftsubset "$4/400Regular/NotoEmoji_400Regular.ttf" --unicodes='*' --layout-features= --no-hinting \
    --output-file="$work/emoji.ttf"
python3 - "$work/emoji.ttf" "$here/NotoEmoji.ttf" <<'PY'
import sys
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
font = TTFont(sys.argv[1])
scale_upem(font, 512)
font.save(sys.argv[2])
PY
ls -l "$here"/*.ttf
