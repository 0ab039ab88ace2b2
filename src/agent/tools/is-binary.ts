/** As git tells: text holds no NUL, and what is not text shows one early. UTF-16 counts as binary. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0)
}
