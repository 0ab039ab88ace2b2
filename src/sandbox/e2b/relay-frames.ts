/** What the relay in a sandbox says, see `RELAY`. It was written where untrusted code runs. */
export interface RelayFrame {
  readonly kind: string
  /** Of the connection; 0 if it is about none. */
  readonly number: number
  readonly bytes: Buffer
}

const HEADER_BYTES = 9
/** The relay sends 32 KiB at most. */
const MAX_PAYLOAD_BYTES = 64 * 1024

/** @returns the frame that follows a letter, a number and a length. */
export function encodeRelayFrame(kind: string, number: number, bytes: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes.length)
  frame.write(kind, 0, 'latin1')
  frame.writeUInt32BE(number, 1)
  frame.writeUInt32BE(bytes.length, 5)
  frame.set(bytes, HEADER_BYTES)
  return frame
}

/**
 * Reads the output of a relay, from behind a mark on.
 *
 * @param maxPreface characters that may come before it.
 * @returns a function that takes the next piece and returns the frames that it completes.
 * @throws {Error} from that function if it is not what a relay would send; the rest is unreadable then.
 */
export function createRelayDecoder(
  mark: string,
  maxPreface: number,
): (text: string) => readonly RelayFrame[] {
  let preface: string | undefined = ''
  let skipped = 0
  let pending = Buffer.alloc(0)

  /** @returns what comes behind the mark. */
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
