import { randomBytes } from 'node:crypto'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { stripTerminalOutput } from '../../text/terminal-text.ts'
import type { Service } from './environment.ts'

/** Whether a service became ready. */
interface ServiceState {
  readonly name: string
  readonly isReady: boolean
  /** A sentence for people on how the start went, with the last line of output if the service is not ready. */
  readonly message: string
}

interface StartServicesRequest {
  readonly services: readonly Service[]
  /** Absolute path inside the sandbox. */
  readonly workspace: string
  /** The most seconds to wait for each service; default: the service's own `seconds`. */
  readonly patience?: number | undefined
  readonly signal: AbortSignal
}

/** How often a service is started at most, a second apart, if it keeps ending. */
const RESTARTS = 20
const LOG_BYTES = 2000

/**
 * Bash that starts services one by one in the order of the file, since a later one may need an earlier one. It leaves
 * running services as they are, so that it can also restart those that have ended.
 */
const SCRIPT = `
mkdir -p "$directory"
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
is_ready() {
  if [ -n "$port" ]; then listens "$port"
  elif [ -n "$ready" ]; then timeout 10 bash -c "$ready" >/dev/null 2>&1 </dev/null
  else [ "$waited" -ge 1 ] && [ ! -e "$directory/$name.over" ]; fi
}
is_running() {
  [ -s "$directory/$name.pid" ] || return 1
  case $(sed -n 's/^State:[[:space:]]*//p' "/proc/$(cat "$directory/$name.pid")/status" 2>/dev/null) in
    [ZX]*|'') return 1 ;;
  esac
}
for index in $(seq 1 "$SERVICES"); do
  name=SERVICE_\${index}_NAME run=SERVICE_\${index}_RUN port=SERVICE_\${index}_PORT
  ready=SERVICE_\${index}_READY seconds=SERVICE_\${index}_SECONDS
  name=\${!name} run=\${!run} port=\${!port} ready=\${!ready} seconds=\${!seconds}
  waited=0
  if ! is_running; then
    rm -f "$directory/$name.over"
    RUN="$run" OVER="$directory/$name.over" setsid bash -c '
      for try in $(seq 1 ${RESTARTS}); do bash -c "$RUN"; echo "(ended with exit code $?)"; sleep 1; : >"$OVER"; done
    ' >"$directory/$name.log" 2>&1 </dev/null &
    echo $! >"$directory/$name.pid"
  else waited=1; fi
  started=$SECONDS state=late
  while [ $((SECONDS - started)) -lt "$seconds" ]; do
    if is_ready; then state=ready; break; fi
    sleep 0.2
    [ $((SECONDS - started)) -ge 1 ] && waited=1
  done
  printf '%s %s %s %s %s\\n' "$MARK" "$name" "$state" "$((SECONDS - started))" "$(tail -c ${LOG_BYTES} "$directory/$name.log" 2>/dev/null | base64 -w 0)"
done
`

/**
 * Starts services in the background and waits until they are ready. They live until the sandbox ends, and a service that
 * ends earlier is restarted.
 *
 * @throws {SandboxError} if the sandbox is lost; `signal.reason` if the run is cancelled.
 */
export async function startServices(
  sandbox: Sandbox,
  { services: asked, workspace, patience = Number.POSITIVE_INFINITY, signal }: StartServicesRequest,
): Promise<readonly ServiceState[]> {
  if (asked.length === 0) return []
  const services = asked.map((service) => ({ ...service, seconds: Math.min(service.seconds, patience) }))
  const mark = randomBytes(12).toString('hex')
  const seconds = services.reduce((sum, service) => sum + service.seconds, 0)
  const { stdout } = await sandbox.exec(SCRIPT, {
    shell: 'agent',
    cwd: workspace,
    env: {
      MARK: mark,
      directory: `${sandbox.home}/.backspace/services`,
      SERVICES: String(services.length),
      ...Object.fromEntries(services.flatMap(variables)),
    },
    timeoutMs: (seconds + 30) * 1000,
    signal,
    maxOutputBytes: 256 * 1024,
  })
  signal.throwIfAborted()
  const lines = stdout.split('\n').map((line) => line.split(' '))
  return services.map((service) => {
    const [, , state, took, log = ''] =
      lines.find(([first, name]) => first === mark && name === service.name) ?? []
    return stateOf(service, { isReady: state === 'ready', took, log })
  })
}

function variables({ name, run, port, ready, seconds }: Service, index: number): [string, string][] {
  const prefix = `SERVICE_${index + 1}`
  return [
    [`${prefix}_NAME`, name],
    [`${prefix}_RUN`, run],
    [`${prefix}_PORT`, port === undefined ? '' : String(port)],
    [`${prefix}_READY`, ready ?? ''],
    [`${prefix}_SECONDS`, String(seconds)],
  ]
}

function stateOf(
  { name, port, seconds }: Service,
  {
    isReady,
    took,
    log,
  }: { readonly isReady: boolean; readonly took: string | undefined; readonly log: string },
): ServiceState {
  if (isReady) {
    const where = port === undefined ? '' : ` on port ${port}`
    return { name, isReady, message: `Service \`${name}\` is ready${where} after ${took ?? '0'} s` }
  }
  const said =
    stripTerminalOutput(Buffer.from(log, 'base64').toString('utf8')).trim().split('\n').at(-1) ?? ''
  const last = said === '' ? 'It printed nothing' : `Its last line: ${said.slice(0, 200)}`
  return { name, isReady, message: `Service \`${name}\` did not become ready within ${seconds} s. ${last}` }
}
