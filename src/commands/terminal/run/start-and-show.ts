import { type ReachedService, requestRun, type StartedRun, stopRun } from '../service/reached-service.ts'
import { watchInterrupts } from '../views/interrupts.ts'
import { createPaint, oneLine } from '../views/paint.ts'
import type { ServiceRetry } from '../views/patience.ts'
import type { Screen } from '../views/screen.ts'
import { retryText, waitText } from '../views/waits.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type Places, showRun, wordsScreen } from './show-run.ts'

/** The body of `POST /code`. */
export interface CodeBody {
  readonly repoUrl: string
  readonly prompt: string
  readonly base?: string | undefined
}

/**
 * Starts a run and shows it until it ends or the person detaches.
 *
 * @throws {BackspaceError} if the run was not started, or the service stays away.
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
  if (started === undefined) {
    const where = service.inThisProcess ? '' : ` Look for it at ${service.url}/runs`
    screen.print(`  You left before Backspace answered, so the run may have started.${where}\n`)
    return EXIT.detached
  }
  screen.print(`${row('Run', started.runUrl)}\n`)
  const runUrl = `${service.url}/runs/${started.runId}`
  return await showRun(
    { runUrl, token: service.token },
    { ...places, screen, inThisProcess, stop: () => stopRun(service, started.runId) },
  )
}

/** Starts the run, and says when the service is tried again if it does not answer. Undefined if the person left. */
async function requestAtScreen(
  service: ReachedService,
  { body, screen }: { readonly body: CodeBody; readonly screen: Screen },
): Promise<StartedRun | undefined> {
  const { host } = new URL(service.url)
  const asking = { what: `Waiting for ${host} to answer`, since: Date.now() }
  let last: ServiceRetry | undefined
  function show(): void {
    const now = Date.now()
    const { what, times } = last ? retryText(last, now) : waitText(asking, now)
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
  const interrupts = watchInterrupts({ screen, stop: undefined, leaving: '' })
  try {
    return await requestRun(service, { ...body }, { onRetry, signal: interrupts.left })
  } catch (error) {
    if (!interrupts.left.aborted) throw error
    return undefined
  } finally {
    interrupts.close()
    clearInterval(timer)
    screen.status('')
  }
}
