/** A frame from the relay in a sandbox, see `RELAY`. It comes from where untrusted code runs. */
export interface RelayFrame {
  readonly kind: string
  /** Number of the connection; 0 if the frame is about none. */
  readonly number: number
  readonly bytes: Buffer
}

const HEADER_BYTES = 9
/** The relay sends at most 32 KiB. */
const MAX_PAYLOAD_BYTES = 64 * 1024

/** @returns the frame: a letter, a number, a length, and the bytes. */
export function encodeRelayFrame(kind: string, number: number, bytes: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes.length)
  frame.write(kind, 0, 'latin1')
  frame.writeUInt32BE(number, 1)
  frame.writeUInt32BE(bytes.length, 5)
  frame.set(bytes, HEADER_BYTES)
  return frame
}

/**
 * Reads the output of a relay that follows a mark.
 *
 * @param maxPreface most characters that may come before the mark.
 * @returns a function that takes the next piece and returns the frames that it completes.
 * @throws {Error} from that function if a relay would not send this; the rest is unreadable then.
 */
export function createRelayDecoder(
  mark: string,
  maxPreface: number,
): (text: string) => readonly RelayFrame[] {
  let preface: string | undefined = ''
  let skipped = 0
  let pending = Buffer.alloc(0)

  /** @returns the text behind the mark; empty if the mark has not come yet. */
  function begin(text: string): string {
    const all = `${preface}${text}`
    const at = all.indexOf(mark)
    if (at >= 0) {
      preface = undefined
      return all.slice(at + mark.length)
    }
    preface = all.slice(1 - mark.length)
    skipped += text.length
    if (skipped > maxPreface) throw new Error('The relay does not begin.')
    return ''
  }

  return (text) => {
    const rest = preface === undefined ? text : begin(text)
    if (/[^\0-\xff]/.test(rest)) throw new Error('A character that no relay sends.')
    pending = Buffer.concat([pending, Buffer.from(rest, 'latin1')])
    const frames: RelayFrame[] = []
    while (pending.length >= HEADER_BYTES) {
      const size = pending.readUInt32BE(5)
      if (size > MAX_PAYLOAD_BYTES) throw new Error('A frame is larger than allowed.')
      if (pending.length < HEADER_BYTES + size) break
      const kind = String.fromCharCode(pending[0] ?? 0)
      const bytes = pending.subarray(HEADER_BYTES, HEADER_BYTES + size)
      frames.push({ kind, number: pending.readUInt32BE(1), bytes })
      pending = pending.subarray(HEADER_BYTES + size)
    }
    return frames
  }
}
