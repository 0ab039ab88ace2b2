import type { Duplex } from 'node:stream'

/** The beginning of a stream: the value that was found in it, and all bytes that were read to find it. */
export interface StreamStart<T> {
  /** Undefined if the stream ended before that, or was too long or too slow. */
  readonly value: T | undefined
  readonly bytes: Buffer
}

/**
 * Reads until `parse` finds a value in the bytes so far, or the stream ends. Then the stream is paused.
 *
 * @param options.timeoutMs default: no limit.
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
    if (stream.destroyed) onEnd() // A destroyed stream emits no more events.
  })
}
