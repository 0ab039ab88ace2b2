/** A line of an exclude file that matches exactly this path. Names stay bytes: they may be in any encoding. */
export function excludePattern(path: Uint8Array): Uint8Array {
  const special = new Set([...'[]*?\\!# '].map((character) => character.charCodeAt(0)))
  const escaped = [...path].flatMap((byte) => (special.has(byte) ? [0x5c, byte] : [byte]))
  return Uint8Array.from([0x2f, ...escaped, 0x0a])
}
