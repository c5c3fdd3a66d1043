/**
 * Makes an object from another one (gitformat-pack, "Deltified representation"): pieces of the base and new bytes.
 * @throws when the delta does not fit its base
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let at = 0;
  const next = () => delta.readUInt8(at++);
  const size = () => {
    let [value, unit, byte] = [0, 1, 128];
    while (byte & 128) {
      byte = next();
      value += (byte & 127) * unit;
      unit *= 128;
    }
    return value;
  };
  if (size() !== base.byteLength) throw new Error("a delta is for another base");
  const result = Buffer.allocUnsafe(size());
  let filled = 0;
  while (at < delta.byteLength) {
    const command = next();
    const isCopy = (command & 128) !== 0;
    // The bits of a copy tell which bytes of its place and length follow; the others are zero.
    const number = (bits: number, bytes: number) => {
      let value = 0;
      for (let index = 0; index < bytes; index += 1)
        if ((command >> (bits + index)) & 1) value += next() * 256 ** index;
      return value;
    };
    const source = isCopy ? base : delta;
    const from = isCopy ? number(0, 4) : at;
    const length = isCopy ? number(4, 3) || 0x10000 : command;
    if (length === 0 || from + length > source.byteLength || filled + length > result.byteLength)
      throw new Error("a delta does not fit its base");
    source.copy(result, filled, from, from + length);
    filled += length;
    if (!isCopy) at += length;
  }
  if (filled !== result.byteLength) throw new Error("a delta does not fit its base");
  return result;
}
