import type { Shell } from '../sandbox.ts'
import type { BoxIdentity } from './hidden-tls.ts'

/** A request of the host to the agent inside a box. The body of `exec` is stdin; the body of `write` is the file. */
export type BoxRequest =
  | {
      readonly type: 'init'
      readonly home: string
      readonly env: Readonly<Record<string, string>>
      /** Unique on this machine; marks every process of this box. */
      readonly boxId: string
      /** Whether the box has its own process namespace. If so, all processes in it belong to the box. */
      readonly confined: boolean
      /** The unix socket of the host's egress proxy, and the TCP port inside the box that leads to it. */
      readonly relay?: {
        readonly socketPath: string
        readonly port: number
        /** File with certificates that the operator's Node.js trusts besides its own. */
        readonly trusted?: string | undefined
      }
    }
  /** The certificate that programs get to see if they hide the name of the host. */
  | ({ readonly type: 'identity' } & BoxIdentity)
  | {
      readonly type: 'exec'
      readonly id: number
      readonly command: string
      readonly shell: Shell
      readonly cwd: string
      readonly env: Readonly<Record<string, string>>
      readonly timeoutMs: number
      readonly maxOutputBytes: number
      /** Whether to send output live, up to `maxOutputBytes` of each stream. */
      readonly live: boolean
    }
  /** Asks for the last bytes that a running command has written to stdout. The reply is a `file`. */
  | { readonly type: 'look'; readonly id: number; readonly of: number; readonly maxBytes: number }
  /** Listens on a port inside the box that leads to a unix socket of the host, until an `abort`. */
  | { readonly type: 'forward'; readonly id: number; readonly socketPath: string }
  /** Aborts an `exec` or a `forward`. */
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'read'; readonly id: number; readonly path: string; readonly maxBytes: number }
  | {
      readonly type: 'inspect'
      readonly id: number
      readonly path: string
      readonly cwd: string
      readonly maxBytes: number
    }
  | { readonly type: 'write'; readonly id: number; readonly path: string }

/**
 * A reply of the agent. `output`, `file` and `inspected` have bytes in their body; the body of `exit` is stdout
 * followed by stderr. Replies come from where untrusted code runs, so the host checks every part of them.
 */
export type BoxReply =
  | { readonly type: 'ready' }
  | { readonly type: 'output'; readonly id: number; readonly stream: 'stdout' | 'stderr' }
  | {
      readonly type: 'exit'
      readonly id: number
      readonly exitCode: number
      readonly outcome: 'exited' | 'timeout' | 'aborted'
      readonly stdoutBytes: number
    }
  | { readonly type: 'file'; readonly id: number }
  | {
      readonly type: 'inspected'
      readonly id: number
      readonly root: string
      readonly path: string
      readonly kind: 'file' | 'directory' | 'missing' | 'other'
      readonly size: number
      readonly executable: boolean
      /** Whether the body holds the content. */
      readonly read: boolean
    }
  | { readonly type: 'written'; readonly id: number }
  | { readonly type: 'forwarding'; readonly id: number; readonly port: number }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly reason: 'path_not_found' | 'no_space' | 'unavailable'
      readonly text: string
    }

/** Environment variable with the id of the command that a process belongs to. Every descendant inherits it. */
export const MARKER = 'BACKSPACE_EXEC'

/** One message between the host and a box: a JSON header and raw bytes. */
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
 * @param maxBodyBytes called for each frame.
 * @returns a function that takes the next chunk and returns the frames that it completes.
 * @throws {Error} from that function if the other side breaks the format; the rest of the stream is unreadable then.
 */
export function createFrameDecoder(
  maxBodyBytes: () => number,
  maxHeaderBytes: number = MAX_HEADER_BYTES,
): (chunk: Buffer) => Frame[] {
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
    if (header > maxHeaderBytes || body > maxBodyBytes()) throw new Error('A frame is larger than allowed.')
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
