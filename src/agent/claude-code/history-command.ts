import type { ForwardHandler } from '../../sandbox/forwarding.ts'
import type { AgentContext, AgentTask } from '../agent.ts'
import { HISTORY_ARGS } from '../tools/fetch-history.ts'
import type { SessionFiles } from './session-files.ts'

/** The path of the gateway's port at which the command is answered. */
const PATH = '/fetch-history'

/** Tells the model about the command that fetches history; Claude Code has its own tools and cannot get one of ours. */
export function withHistoryCommand(
  task: AgentTask,
  { fetchHistory }: Pick<AgentContext, 'fetchHistory'>,
  { history: path }: Pick<SessionFiles, 'history'>,
): AgentTask {
  if (!fetchHistory || task.plan || task.history === undefined) return task
  const how = `\`bash ${path} 1000\` fetches that many commits with their files, and without a number all commits and tags without files`
  return { ...task, history: `${task.history}; ${how}` }
}

/** The script that asks the host for history and prints the answer. It needs no token: the run may read that history anyway. */
export function historyScript(origin: string): string {
  return `#!/bin/bash
case "\${1-}" in *[!0-9]*) echo "A number of commits, or nothing." >&2; exit 2 ;; esac
exec 3<>/dev/tcp/127.0.0.1/${new URL(origin).port} || exit 1
printf 'POST ${PATH}?commits=%s HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "\${1-}" >&3
read -r _ status _ <&3
tr -d '\\r' <&3 | sed '1,/^$/d'
[ "$status" = 200 ]
`
}

/** Answers requests of the history command and passes all others to the gateway. */
export function answerHistory(
  handle: ForwardHandler,
  { fetchHistory, signal }: Pick<AgentContext, 'fetchHistory' | 'signal'>,
): ForwardHandler {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname !== PATH || request.method !== 'POST' || !fetchHistory) return handle(request)
    const number = searchParams.get('commits') || undefined
    const asked = HISTORY_ARGS.safeParse({ commits: number === undefined ? undefined : Number(number) })
    if (!asked.success) return told(422, 'Nothing was fetched: 1 to 20,000 commits, or no number.')
    const { isThere, text } = await fetchHistory(asked.data, AbortSignal.any([signal, request.signal]))
    return told(isThere ? 200 : 409, text)
  }
}

function told(status: number, text: string): Response {
  const body = Buffer.from(`${text}\n`)
  return new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(body.length) },
  })
}
