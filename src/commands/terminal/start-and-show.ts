import type { ExitCode } from './exit-codes.ts'
import { createPaint, oneLine } from './paint.ts'
import type { ServiceRetry } from './patience.ts'
import { type ReachedService, requestRun, type StartedRun, stopRun } from './reached-service.ts'
import type { Screen } from './screen.ts'
import { type Places, showRun, wordsScreen } from './show-run.ts'
import { retryText } from './waits.ts'

/** The body of `POST /code`. */
export interface CodeBody {
  readonly repoUrl: string
  readonly prompt: string
  readonly base?: string | undefined
}

/**
 * Starts a run and shows it until it ends or the person leaves.
 *
 * @throws {BackspaceError} when the run was not started, or the service stays away.
 */
export async function startAndShow(
  service: ReachedService,
  body: CodeBody,
  places: Places,
): Promise<ExitCode> {
  const { words } = places
  const { inThisProcess } = service
  const paint = createPaint(words)
  const screen = wordsScreen(words)
  const rows = [
    ['Backspace', service.inThisProcess ? 'in this process, until the run ends' : service.url],
    ['Repository', oneLine(`${body.repoUrl}${body.base === undefined ? '' : `, branch ${body.base}`}`)],
  ] as const
  const row = (name: string, value: string) => `  ${paint('dim', name.padEnd(12))}${value}\n`
  screen.print(`\n${rows.map(([name, value]) => row(name, value)).join('')}`)
  const started = await requestAtScreen(service, { body, screen })
  screen.print(`${row('Run', started.runUrl)}\n`)
  const runUrl = `${service.url}/runs/${started.runId}`
  return await showRun(
    { runUrl, token: service.token },
    { ...places, screen, inThisProcess, stop: () => stopRun(service, started.runId) },
  )
}

/** Says how a service is tried that does not answer. */
async function requestAtScreen(
  service: ReachedService,
  { body, screen }: { readonly body: CodeBody; readonly screen: Screen },
): Promise<StartedRun> {
  let last: ServiceRetry | undefined
  function show(): void {
    if (!last) return
    const { what, times } = retryText(last, Date.now())
    screen.status(`  … ${what}`, times)
  }
  function onRetry(retry: ServiceRetry): void {
    const isFirst = last === undefined
    last = retry
    const { what, times } = retryText(retry, Date.now())
    if (screen.isLive) show()
    else if (isFirst) screen.print(`  … ${what}${times}\n`)
  }
  const timer = setInterval(show, 1000)
  try {
    return await requestRun(service, { ...body }, { onRetry })
  } finally {
    clearInterval(timer)
    screen.status('')
  }
}
