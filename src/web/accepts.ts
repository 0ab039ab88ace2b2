/**
 * How much the `Accept` header wants a media type: its `q` by the most specific range that names it, 0 when it is
 * not wanted. `exact` ignores ranges with `*`.
 */
function acceptQuality(
  accept: string | undefined,
  type: string,
  { exact }: { readonly exact: boolean } = { exact: false },
): number {
  if (accept === undefined || accept.trim() === '') return exact ? 0 : 1
  const ranges = exact ? [type] : [type, `${type.split('/')[0]}/*`, '*/*']
  const entries = accept.split(',').map(readRange)
  for (const range of ranges) {
    const entry = entries.find((candidate) => candidate.range === range)
    if (entry) return entry.q
  }
  return 0
}

/** True when a browser asks: HTML is named, and wanted more than JSON. */
export function prefersHtml(accept: string | undefined): boolean {
  const html = acceptQuality(accept, 'text/html', { exact: true })
  return html > 0 && html > acceptQuality(accept, 'application/json', { exact: true })
}

/** True when only JSON will do: it is named, and neither an event stream nor anything at all would be welcome. */
export function wantsOnlyJson(accept: string | undefined): boolean {
  return (
    acceptQuality(accept, 'application/json', { exact: true }) > 0 &&
    acceptQuality(accept, 'text/event-stream', { exact: true }) === 0 &&
    acceptQuality(accept, '*/*', { exact: true }) === 0
  )
}

function readRange(text: string): { readonly range: string; readonly q: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  const quality = q === undefined ? 1 : Number(q)
  return { range, q: Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 0 }
}
