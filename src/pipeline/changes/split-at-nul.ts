/** The fields of `-z` output. */
export function splitAtNul(bytes: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0, start)
    const end = found === -1 ? bytes.length : found
    fields.push(bytes.subarray(start, end))
    start = end + 1
  }
  return fields
}
