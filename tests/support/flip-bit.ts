/** The same bytes but for one bit. */
export const flipBit = (bytes: Buffer, random: () => number): Buffer => {
  const changed = Buffer.from(bytes);
  const at = Math.floor(random() * changed.length);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
  return changed;
};
