/** How long tools ran: calls that run at the same time count once. Times are in milliseconds. */
export interface ToolTime {
  /** The last spans, merged so that none overlap, ordered by start. */
  readonly spans: readonly Span[]
  /** Total length of the older spans. */
  readonly earlierMs: number
}

interface Span {
  readonly start: number
  readonly end: number
}

export const NO_TOOL_TIME: ToolTime = { spans: [], earlierMs: 0 }

/** Adding a span must take the same time however many came before. */
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

/** Milliseconds in which at least one tool ran. */
export function toolMs({ spans, earlierMs }: ToolTime): number {
  return earlierMs + lengthOf(spans)
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0)
}
