/**
 * What the beginning of a TLS connection says. `bytes` counts everything up to the end of the hello, including earlier
 * records.
 */
export type ClientHello =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' }
  | {
      readonly kind: 'hello'
      readonly bytes: number
      readonly names: readonly string[]
      readonly hidden: boolean
    }

/** A hello with keys for post-quantum cryptography has about 2 KiB, and OpenSSL's servers accept 16 KiB. */
export const MAX_HELLO_BYTES = 20 * 1024

const RECORD = { changeCipherSpec: 20, handshake: 22, data: 23 }
const CLIENT_HELLO = 1
const SERVER_NAME = 0
/**
 * Extensions for Encrypted Client Hello (RFC 9849 and its draft). With them, the encrypted name is the one that counts.
 */
const HIDDEN_NAME = [0xfe0d, 0xffce]
/** The `random` that turns a ServerHello into a HelloRetryRequest (RFC 8446, 4.1.3). */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')

/**
 * Reads the first message of a TLS client (RFC 8446, 4.1.2), which may be split into several records.
 *
 * @param bytes everything that the client has sent.
 * @param options.again reads the second hello instead, which may follow other records.
 */
export function readClientHello(bytes: Buffer, options: { readonly again?: boolean } = {}): ClientHello {
  const parts: Buffer[] = []
  let message = 0
  for (let at = 0; ; ) {
    if (bytes.length > at && !isStartOfTls(bytes.subarray(at))) return { kind: 'invalid' }
    if (bytes.length < at + 5) return { kind: 'incomplete' }
    const [type = 0] = bytes.subarray(at)
    const end = at + 5 + bytes.readUInt16BE(at + 3)
    const isSkipped = options.again === true && parts.length === 0 && type !== RECORD.handshake
    if (!isSkipped && (type !== RECORD.handshake || end === at + 5)) return { kind: 'invalid' }
    if (bytes.length < end) return { kind: 'incomplete' }
    if (!isSkipped) parts.push(bytes.subarray(at + 5, end))
    if (!isSkipped) message += end - at - 5
    at = end
    if (message < 4) continue
    const whole = Buffer.concat(parts)
    const length = 4 + whole.readUIntBE(1, 3)
    if (whole[0] !== CLIENT_HELLO || length > MAX_HELLO_BYTES || whole.length > length) {
      return { kind: 'invalid' }
    }
    if (whole.length === length) return readExtensions(whole.subarray(4), at)
  }
}

/** Whether a server asks for a second hello; undefined if more bytes are needed. */
export function isHelloRetry(bytes: Buffer): boolean | undefined {
  if (bytes.length > 0 && bytes[0] !== RECORD.handshake) return false
  return bytes.length < 43 ? undefined : bytes.subarray(11, 43).equals(RETRY)
}

function isStartOfTls(record: Buffer): boolean {
  const [type = 0, major = 3] = record
  return Object.values(RECORD).includes(type) && major === 3
}

function readExtensions(body: Buffer, bytes: number): ClientHello {
  const reader = createReader(body)
  try {
    reader.take(2 + 32)
    for (const size of [1, 2, 1]) reader.vector(size) // Session, ciphers, compression.
    const extensions = createReader(reader.isAtEnd() ? Buffer.alloc(0) : reader.vector(2))
    const names: string[] = []
    let hidden = false
    while (!extensions.isAtEnd()) {
      const type = extensions.take(2).readUInt16BE()
      const content = extensions.vector(2)
      if (type === SERVER_NAME) names.push(...readNames(content))
      if (HIDDEN_NAME.includes(type)) hidden = true
    }
    return { kind: 'hello', bytes, names, hidden }
  } catch {
    return { kind: 'invalid' }
  }
}

function readNames(content: Buffer): readonly string[] {
  const list = createReader(createReader(content).vector(2))
  const names: string[] = []
  while (!list.isAtEnd()) {
    const type = list.take(1)[0]
    // `latin1` keeps every byte distinct, so that no other spelling turns into the expected name.
    names.push(type === 0 ? list.vector(2).toString('latin1') : '')
  }
  return names
}

interface Reader {
  /** @throws {RangeError} if there are not so many bytes. */
  take(count: number): Buffer
  /** Reads a length of `size` bytes, then takes that many bytes. */
  vector(size: number): Buffer
  isAtEnd(): boolean
}

function createReader(bytes: Buffer): Reader {
  let at = 0
  function take(count: number): Buffer {
    if (at + count > bytes.length) throw new RangeError('The message is shorter than it says.')
    at += count
    return bytes.subarray(at - count, at)
  }
  return {
    take,
    vector: (size) => take(take(size).readUIntBE(0, size)),
    isAtEnd: () => at === bytes.length,
  }
}
