import type { Duplex } from 'node:stream'

/** The beginning of a stream: what was found in it, and all bytes that were read for it. */
export interface StreamStart<T> {
  /** Undefined if the stream ended first, was too long or took too long. */
  readonly value: T | undefined
  readonly bytes: Buffer
}

/**
 * Reads until `parse` finds a value in all bytes so far, or the stream ends; then the stream is paused.
 *
 * @param options.timeoutMs default: as long as the stream is open.
 */
export function readStart<T>(
  stream: Duplex,
  options: {
    readonly maxBytes: number
    readonly timeoutMs?: number
    readonly parse: (bytes: Buffer) => T | undefined
  },
): Promise<StreamStart<T>> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const stop = (value?: T) => {
      clearTimeout(timer)
      stream.pause().off('data', onData).off('end', onEnd).off('close', onEnd)
      resolve({ value, bytes })
    }
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const value = options.parse(bytes)
      if (value !== undefined || bytes.length > options.maxBytes) stop(value)
    }
    const onEnd = () => stop()
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(onEnd, options.timeoutMs)
    stream.on('data', onData).on('end', onEnd).on('close', onEnd)
    stream.resume()
    if (stream.destroyed) onEnd() // It says nothing any more.
  })
}
