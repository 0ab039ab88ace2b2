/** Collects output of any length in bounded memory: keeps the beginning and the end, and counts the middle. */
export interface BoundedTail {
  push(chunk: Uint8Array): void
  /** All bytes pushed so far. */
  totalBytes(): number
  /** The kept bytes, with one line in place of the middle; cut between characters of UTF-8. */
  bytes(): Buffer
}

/**
 * Keeps at most `maxBytes`: half of them for the beginning, where a command says what it does, and half for the end,
 * where it says how it went.
 */
export function createBoundedTail(maxBytes: number): BoundedTail {
  const headSize = Math.ceil(maxBytes / 2)
  const tailSize = Math.floor(maxBytes / 2)
  let head = Buffer.alloc(0)
  let headLength = 0
  let ring: Buffer | undefined
  let ringed = 0

  function pushHead(chunk: Uint8Array): number {
    const taken = Math.min(chunk.length, headSize - headLength)
    if (headLength + taken > head.length) {
      const grown = Buffer.allocUnsafe(Math.min(headSize, Math.max(4096, 2 * (headLength + taken))))
      head.copy(grown, 0, 0, headLength)
      head = grown
    }
    head.set(chunk.subarray(0, taken), headLength)
    headLength += taken
    return taken
  }

  function pushRing(rest: Uint8Array): void {
    if (rest.length === 0) return
    ring ??= Buffer.allocUnsafe(tailSize)
    const skipped = Math.max(0, rest.length - tailSize)
    let at = tailSize === 0 ? 0 : (ringed + skipped) % tailSize
    for (let from = skipped; from < rest.length; ) {
      const count = Math.min(rest.length - from, tailSize - at)
      ring.set(rest.subarray(from, from + count), at)
      from += count
      at = (at + count) % tailSize
    }
    ringed += rest.length
  }

  function tail(): Buffer {
    if (!ring) return Buffer.alloc(0)
    if (ringed <= tailSize) return ring.subarray(0, ringed)
    const start = ringed % tailSize
    return Buffer.concat([ring.subarray(start), ring.subarray(0, start)])
  }

  return {
    push(chunk) {
      pushRing(chunk.subarray(pushHead(chunk)))
    },
    totalBytes: () => headLength + ringed,
    bytes: () =>
      joinHeadAndTail({ head: head.subarray(0, headLength), tail: tail(), total: headLength + ringed }),
  }
}

/** Joins the two kept parts of an output of `total` bytes, with a line that says how much is missing. */
export function joinHeadAndTail(parts: {
  readonly head: Buffer
  readonly tail: Buffer
  readonly total: number
}): Buffer {
  if (parts.head.length + parts.tail.length >= parts.total) return Buffer.concat([parts.head, parts.tail])
  const head = withoutCutEnd(parts.head)
  const tail = withoutCutStart(parts.tail)
  const omitted = parts.total - head.length - tail.length
  return Buffer.concat([head, Buffer.from(`\n[… ${omitted} bytes left out …]\n`), tail])
}

/** Drops an incomplete last character. */
function withoutCutEnd(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    const length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

/** Drops the rest of a character that began in the middle part. */
function withoutCutStart(bytes: Buffer): Buffer {
  let start = 0
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0b1100_0000) === 0b1000_0000) start++
  return bytes.subarray(start)
}
