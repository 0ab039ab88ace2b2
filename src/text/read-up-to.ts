/**
 * Reads a body from outside without ever holding more bytes than allowed. If it stops early, the transfer ends.
 *
 * @returns undefined if there are more bytes than that.
 */
export async function readUpTo(
  { body }: Pick<Response, 'body'>,
  maxBytes: number,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
