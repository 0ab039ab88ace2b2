/** Where a run is seen and where its events are streamed. */
export function runUrls(
  publicUrl: string,
  runId: string,
): { readonly runUrl: string; readonly eventsUrl: string } {
  const runUrl = `${publicUrl}/runs/${encodeURIComponent(runId)}`
  return { runUrl, eventsUrl: `${runUrl}/events` }
}
