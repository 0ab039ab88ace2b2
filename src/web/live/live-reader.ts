/** Someone who watches a run live. */
export interface LiveReader {
  /** The number of the last event whose parts the reader got. */
  after: number
  readonly split: boolean
  hasRoom(): boolean
  /** @returns false if the reader has no room for it, and does not get it. */
  put(frame: string): boolean
  close(): void
}

const encoder = new TextEncoder()

export function createLiveReader(
  controller: ReadableStreamDefaultController<Uint8Array>,
  { after, split }: { readonly after: number; readonly split: boolean },
): LiveReader {
  const hasRoom = () => (controller.desiredSize ?? 0) > 0
  return {
    after,
    split,
    hasRoom,
    put(frame) {
      if (!hasRoom()) return false
      controller.enqueue(encoder.encode(frame))
      return true
    },
    close() {
      try {
        controller.close()
      } catch {
        // The reader is gone.
      }
    },
  }
}
