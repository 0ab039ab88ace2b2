import { z } from 'zod'
import { type WireEvent, wireEvent } from '../../../web/stream/wire-schema.ts'

export type ReceivedFrame = WireEvent | NewerFrame

/** A frame of a newer service that this version does not know: its message for people, and its type as sent. */
export interface NewerFrame {
  readonly type: 'newer'
  readonly newerType: string
  readonly seq: number
  readonly runId: string
  readonly at: string
  readonly message: string
}

const NEWER = z
  .object({
    seq: z.number(),
    type: z.string(),
    runId: z.string().catch(''),
    at: z.string().catch(''),
    message: z.string().catch(''),
  })
  .transform(({ type, ...frame }): NewerFrame => ({ ...frame, type: 'newer', newerType: type }))

/** @throws {SyntaxError} if the data is not a frame at all. */
export function readFrame(json: unknown): ReceivedFrame {
  const known = wireEvent.safeParse(json)
  if (known.success) return known.data
  const newer = NEWER.safeParse(json)
  if (newer.success) return newer.data
  throw new SyntaxError('The event stream sent something that is not a frame. Is this a Backspace service?')
}

/** How the run ended, if this is its last frame, even one from a newer service; undefined for any other frame. */
export function endOf(frame: ReceivedFrame | undefined): 'success' | 'error' | undefined {
  const type = frame?.type === 'newer' ? frame.newerType : frame?.type
  return type === 'success' || type === 'error' ? type : undefined
}
