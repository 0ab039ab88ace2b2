/** Builds first messages of TLS clients, also ones that no library would send. */
export function clientHello(
  names: readonly (string | Buffer)[],
  { extensions = [] }: { readonly extensions?: readonly number[] } = {},
): Buffer {
  const list = Buffer.concat(names.map((name) => Buffer.concat([Buffer.from([0]), vector(2, name)])))
  const all = [
    ...(names.length === 0 ? [] : [extension(0, vector(2, list))]),
    ...extensions.map((type) => extension(type, Buffer.from([1, 2, 3]))),
  ]
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    vector(1, ''),
    vector(2, Buffer.from([0x13, 0x01])),
    vector(1, Buffer.from([0])),
    vector(2, Buffer.concat(all)),
  ])
  return Buffer.concat([Buffer.from([1]), vector(3, body)])
}

/** A handshake message in one record, or in several of at most `size` bytes. */
export function inRecords(message: Buffer, size = 16_384): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    parts.push(Buffer.from([22, 3, 1]), vector(2, message.subarray(at, at + size)))
  }
  return Buffer.concat(parts)
}

/** What a server sends that wants a second hello. */
export function helloRetry(): Buffer {
  const random = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')
  const body = Buffer.concat([Buffer.from([3, 3]), random, Buffer.from([0, 0x13, 0x01, 0])])
  return inRecords(Buffer.concat([Buffer.from([2]), vector(3, body)]))
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, content)])
}

function vector(size: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  const length = Buffer.alloc(size)
  length.writeUIntBE(bytes.length, 0, size)
  return Buffer.concat([length, bytes])
}
