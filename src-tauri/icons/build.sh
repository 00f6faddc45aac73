#!/bin/sh
# Draws every picture from its SVG. Needs rsvg-convert, icotool and png2icns.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for look in idle active needs-you error; do
  rsvg-convert -w 64 -h 64 "tray-$look.svg" -o "tray-$look.png"
done
for size in 16 24 32 48 64 128 256 512; do
  rsvg-convert -w $size -h $size icon.svg -o "$work/$size.png"
done
for size in 16 24 32 48 64; do
  cp "$work/$size.png" ${size}x$size.png
done
cp "$work/128.png" 128x128.png
cp "$work/256.png" 128x128@2x.png
cp "$work/512.png" icon.png
icotool -c -o icon.ico "$work/16.png" "$work/32.png" "$work/48.png" "$work/64.png" --raw="$work/256.png"
png2icns icon.icns "$work/16.png" "$work/32.png" "$work/48.png" "$work/128.png" "$work/256.png" "$work/512.png" >/dev/null
