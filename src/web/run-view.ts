import { type Redact, redactDeep } from '../redaction.ts'
import type { Run } from '../runs/run.ts'
import { forTerminalDeep } from '../text/terminal-text.ts'

/** A run as the API and the pages show it. */
export type RunView = ReturnType<typeof runView>

export function runView(
  raw: Run,
  { publicUrl, redact }: { readonly publicUrl: string; readonly redact: Redact },
) {
  const { request, ending, ...run } = forTerminalDeep(redactDeep(raw, redact))
  const { repository, thread, requester } = request
  return {
    id: run.id,
    status: run.status,
    trigger: request.trigger,
    repository: `${repository.owner}/${repository.name}`,
    prompt: request.prompt,
    thread: thread
      ? { kind: thread.kind, number: thread.number, title: thread.title, url: thread.url }
      : null,
    requester: requester.login,
    options: request.options,
    parentRunId: request.parentRunId ?? null,
    attempt: run.attempt,
    createdAt: run.createdAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    outcome: ending?.outcome ?? null,
    message: ending?.message ?? null,
    /** Error code of a run that failed. */
    code: ending?.code ?? null,
    pullRequestUrl: ending?.pullRequestUrl ?? null,
    commentUrl: ending?.commentUrl ?? null,
    costUsd: ending?.totals.costUsd ?? null,
    ...runUrls(publicUrl, run.id),
  }
}

/** Where a run is seen and where its events are streamed. */
export function runUrls(
  publicUrl: string,
  runId: string,
): { readonly runUrl: string; readonly eventsUrl: string } {
  const runUrl = `${publicUrl}/runs/${encodeURIComponent(runId)}`
  return { runUrl, eventsUrl: `${runUrl}/events` }
}
