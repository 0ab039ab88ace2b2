/** One unit of the conversation between the host and a box: a JSON header, and bytes that need no encoding. */
export interface Frame {
  readonly header: unknown
  readonly body: Buffer
}

const PREFIX_BYTES = 8
const MAX_HEADER_BYTES = 16 * 1024 * 1024

/** `[header length u32][body length u32][header JSON][body]`, big endian. */
export function encodeFrame(header: unknown, body: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  prefix.writeUInt32BE(json.length, 0)
  prefix.writeUInt32BE(body.length, 4)
  return Buffer.concat([prefix, json, body])
}

/**
 * Splits a byte stream into frames. Memory is bounded by the largest frame that the reader expects.
 *
 * @param maxBodyBytes asked for each frame.
 * @returns a function that takes the next chunk and gives the frames that it completes.
 * @throws {Error} from that function when the other side does not keep to the format; nothing after it is readable.
 */
export function createFrameDecoder(maxBodyBytes: () => number): (chunk: Buffer) => Frame[] {
  let pending: Buffer[] = []
  let size = 0

  function take(count: number): Buffer {
    const all = pending.length === 1 && pending[0] ? pending[0] : Buffer.concat(pending, size)
    size -= count
    pending = size > 0 ? [all.subarray(count)] : []
    return all.subarray(0, count)
  }
  let lengths: { readonly header: number; readonly body: number } | undefined

  function readLengths(): typeof lengths {
    const prefix = take(PREFIX_BYTES)
    const header = prefix.readUInt32BE(0)
    const body = prefix.readUInt32BE(4)
    if (header > MAX_HEADER_BYTES || body > maxBodyBytes()) throw new Error('A frame is larger than allowed.')
    return { header, body }
  }

  return (chunk) => {
    pending.push(chunk)
    size += chunk.length
    const frames: Frame[] = []
    for (;;) {
      if (!lengths && size >= PREFIX_BYTES) lengths = readLengths()
      if (!lengths || size < lengths.header + lengths.body) return frames
      const json = take(lengths.header)
      frames.push({ header: JSON.parse(json.toString('utf8')), body: take(lengths.body) })
      lengths = undefined
    }
  }
}
