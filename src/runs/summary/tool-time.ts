/** When tools ran: calls side by side count once. Times in milliseconds. */
export interface ToolTime {
  /** The last ones, without overlap, by start. */
  readonly spans: readonly Span[]
  /** What came before them, added up. */
  readonly earlierMs: number
}

interface Span {
  readonly start: number
  readonly end: number
}

export const NO_TOOL_TIME: ToolTime = { spans: [], earlierMs: 0 }

/** An event must cost the same however many came before. */
const MOST_SPANS = 1_000

/** Calls end in the order of their events, so only the last spans can overlap with a new one. */
export function addToolTime({ spans, earlierMs }: ToolTime, { start, end }: Span): ToolTime {
  const before = spans.slice(0, spans.findLastIndex((span) => span.end < start) + 1)
  const overlapping = spans.slice(before.length)
  const first = Math.min(start, ...overlapping.map((span) => span.start))
  const last = Math.max(end, ...overlapping.map((span) => span.end))
  const all = [...before, { start: first, end: last }]
  return {
    spans: all.slice(-MOST_SPANS),
    earlierMs: earlierMs + lengthOf(all.slice(0, -MOST_SPANS)),
  }
}

/** How long tools ran, by the clock. */
export function toolMs({ spans, earlierMs }: ToolTime): number {
  return earlierMs + lengthOf(spans)
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0)
}
