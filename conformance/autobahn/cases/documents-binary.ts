// What comes in: a size. What goes out: a bitmap that compresses a little, and a mixed file that compresses in parts.
// Both are made from seeded numbers. Measured with zlib at level 6: 0.85 and 0.76 of their size. Next file: seeded.ts.
import { concat, utf8 } from "../../frames/encode.ts";
import { seeded } from "./seeded.ts";

const SIDE = 512;
const HEADER = 54;
const PALETTE = 1024;

/** A grey bitmap of 512 by 512 in the BMP format: header, palette, then one octet for each pixel: hills of light under grain. */
export function bitmap(size: number): Uint8Array {
  const random = seeded(0x5eed_0001);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set(utf8("BM"));
  view.setUint32(2, size, true);
  view.setUint32(10, HEADER + PALETTE, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, SIDE, true);
  view.setInt32(22, SIDE, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(34, SIDE * SIDE, true);
  for (let grey = 0; grey < 256; grey++) file.set([grey, grey, grey, 0], HEADER + grey * 4);
  let at = HEADER + PALETTE;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE && at < size; x++) {
      file[at++] = Math.max(0, Math.min(255, light(x, y) + random.below(GRAIN) - GRAIN / 2));
    }
  }
  return file;
}

/** What a printed page is made of: a packed picture, a part of it again, and page operators, over and over. */
export function mixed(size: number): Uint8Array {
  const random = seeded(0x5eed_0002);
  const pieces: Uint8Array[] = [];
  for (let made = 0; made < size;) {
    const picture = Uint8Array.from({ length: 2000 + random.below(12_000) }, () => random.below(256));
    const again = picture.subarray(0, Math.floor(picture.byteLength / 4));
    const lines = Math.floor(picture.byteLength / 50);
    const operators = Array.from(
      { length: lines },
      () => `${random.below(600)}.${random.below(100)} ${random.below(800)} ${random.pick(OPERATORS)}\n`,
    );
    const piece = concat([picture, again, utf8(operators.join(""))]);
    pieces.push(piece);
    made += piece.byteLength;
  }
  return concat(pieces).slice(0, size);
}

/** Integer arithmetic only, so that every host draws the same picture: triangular waves of different lengths. */
function light(x: number, y: number): number {
  const wave = (position: number, length: number): number => {
    const phase = position % length;
    return phase * 2 < length ? phase * 2 : (length - phase) * 2;
  };
  return 20 + Math.floor((wave(x + y, 700) * 120) / 700 + (wave(x, 300) * 50) / 300 + (wave(y + 2 * x, 420) * 60) / 420);
}

const GRAIN = 18;
const OPERATORS = ["m", "l", "c", "re f", "Td", "Tj", "cm", "rg"];
