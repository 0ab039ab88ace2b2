import { counted } from '../../../text/amounts.ts'
import { isRecord } from '../../../text/is-record.ts'
import { inlineCode } from '../../../text/markdown/fenced.ts'
import { parseYaml } from '../../../text/parse-yaml.ts'
import type { Project } from '../../project.ts'
import { mayRun, substitute, type Values } from './expressions.ts'
import { unmaskExpressions } from './masked-expressions.ts'

/** A service that a job of CI has beside its steps, and that a sandbox lacks. */
export interface CiService {
  /** The image, `postgres:16`, or the command or action that starts it, `docker compose up`. */
  readonly name: string
  readonly file: string
  /** Id of the job, as in `CiLine.job`. */
  readonly job: string
  readonly jobName: string | undefined
}

/** Actions that start a service for the steps after them. */
const ACTIONS =
  /^(?:supercharge\/(?:mongodb|redis)|mongodb-labs\/drivers-evergreen-tools|[\w.-]+\/(?:setup-|start-)?(?:mongodb|redis|postgres(?:ql)?|mysql|mariadb|rabbitmq|elasticsearch|memcached|localstack)(?:-(?:github-)?action|-server)?@|(?:ikalnytskyi|ankane|harmon758|tj-actions|shogo82148)\/[\w-]*(?:postgres|mysql|redis|mariadb)|getong\/\w+-action|hoverkraft-tech\/compose-action|isbang\/compose-action|mirromutt\/mysql|zhulik\/redis|elastic\/elastic-github-actions|potatoqualitee\/mssqlsuite|(?:[\w.-]+\/){1,6}[\w-]+-(?:mock|emulator|server)@|reactivecircus\/android-emulator)/i
/** Matches a line of a script that starts a service. */
const STARTS =
  /\bdocker(?: container)? run (?:.{0,200} )?(?:-d|--detach)\b|\bdocker[- ]compose (?:.{0,200} )?(?:up|start|run (?:.{0,80} )?(?:-d|--detach))\b|\bservice [\w-]{1,40} (?:re)?start\b|\bsystemctl (?:re)?start\b|\/etc\/init\.d\/[\w-]{1,40} (?:re)?start\b|\bbrew services\b|\bpg_ctl(?:cluster)?\b|(?:^|\/|\s)(?:redis-server|mysqld|mongod|minikube start|kind create cluster)(?:\s|$)|(?:^|\s)(?:python3?|node|ruby|lua|perl|php) [\w./-]{0,80}(?:server|srvr|broker)[\w.-]{0,20}(?: [^&|]{0,200})? ?&\s{0,9}$/
/** A question to a server, which does not start it. */
const ASKS = /\s(?:--version|--help|-V)(?=\s|$)/
/** A server with arguments that only the machine of CI knows: `mongod "${args[@]}"`. */
const SERVER = /^\s{0,40}(?:sudo )?(?:[\w./-]{1,80}\/)?(redis-server|mysqld|mongod)\s[^$]{0,300}\$/
const COMPOSE = /\bdocker[- ]compose (.{0,200} )?up\b(.{0,200})/
const MOST_STEPS = 100
const MOST_CHARACTERS = 16 * 1024
const MOST_SERVICES = 20

/** The services of a job in a workflow of GitHub: images beside its steps, and actions and lines that start services. */
export function servicesOfJob(job: Readonly<Record<string, unknown>>, values: Values): readonly string[] {
  const beside = servicesIn(job.services, values)
  const steps = Array.isArray(job.steps) ? job.steps.slice(0, MOST_STEPS) : []
  const started = steps.flatMap((step: unknown) => {
    if (!isRecord(step) || !mayRun(step.if, values)) return []
    const { uses, run } = step
    if (typeof uses === 'string' && ACTIONS.test(uses)) return [composeCommand(step.with, values) ?? uses]
    const lines = typeof run === 'string' ? run.slice(0, MOST_CHARACTERS).split('\n') : []
    return servicesStarted(lines)
  })
  return [...beside, ...started].slice(0, MOST_SERVICES)
}

/** The command that does the same as an action with a compose file: `docker compose -f a.yml up redis`. */
function composeCommand(inputs: unknown, values: Values): string | undefined {
  const textOf = (name: string) => {
    const said: unknown = isRecord(inputs) ? inputs[name] : undefined
    const text = typeof said === 'string' ? substitute(unmaskExpressions(said), values) : ''
    return text.replace(/\s+/g, ' ').trim()
  }
  const file = textOf('compose-file')
  if (!/^[\w./-]{1,200}$/.test(file)) return undefined
  return `docker compose -f ${file} up ${textOf('services')}`.trim()
}

/** Whether a line of a script starts a service. */
export function startsService(line: string): boolean {
  return line.length < 1000 && STARTS.test(line) && !ASKS.test(line)
}

/** The services that lines of a script start: each line, or only the server in it if its arguments have variables. */
export function servicesStarted(lines: readonly string[]): readonly string[] {
  return lines.filter(startsService).map((line) => SERVER.exec(line)?.[1] ?? line.trim())
}

/** The images of services, from a map by names (GitHub, compose files) or a list (GitLab). Without an image, the name counts. */
export function servicesIn(said: unknown, values: Values = new Map()): readonly string[] {
  if (Array.isArray(said)) return said.slice(0, MOST_SERVICES).flatMap((one) => imageOf(one, values) ?? [])
  const entries = Object.entries(isRecord(said) ? said : {}).slice(0, MOST_SERVICES)
  return entries.map(([name, one]) => imageOf(one, values) ?? name)
}

function imageOf(said: unknown, values: Values): string | undefined {
  const image = isRecord(said) ? (said.image ?? said.name) : said
  const text = typeof image === 'string' ? unmaskExpressions(image) : ''
  const known = substitute(text, values).trim()
  return known === '' || known.includes('$') ? undefined : known
}

const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

/** Replaces each line that starts a compose file by the images of that file's services. */
export async function withCompose(
  project: Project,
  services: readonly CiService[],
): Promise<readonly CiService[]> {
  const named = await Promise.all(
    services.map(async (one) => {
      const [, before = '', after = ''] = COMPOSE.exec(one.name) ?? []
      if (!COMPOSE.test(one.name)) return [one]
      const given = /(?:^| )(?:-f|--file)[= ](\S{1,200})/.exec(before)?.[1]?.replace(/^\.\//, '')
      const path = fromScript(one.file, given) ?? COMPOSE_FILES.find((file) => project.files.has(file))
      const text = path === undefined ? undefined : await project.read(path)
      const all = text === undefined ? undefined : composeServices(text)
      const wanted = after.split(/\s+/).filter((word) => all?.has(word))
      const names = [...(all ?? [])].filter(([name]) => wanted.length === 0 || wanted.includes(name))
      return names.length === 0 ? [one] : names.map(([, image]) => ({ ...one, name: image }))
    }),
  )
  return named.flat()
}

/** Resolves a path that starts with a variable for the script's own folder: `$HERE/compose.yml`. */
function fromScript(script: string, path: string | undefined): string | undefined {
  const own = script.split('/').slice(0, -1)
  return path?.replace(/^["']|["']$/g, '').replace(/^\$\{?\w{1,40}\}?["']?\//, () => [...own, ''].join('/'))
}

/** The images of a compose file by the names of its services. A service without an image has its name instead. */
function composeServices(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const parsed = parseYaml(text)
    const services = isRecord(parsed) && isRecord(parsed.services) ? parsed.services : {}
    const images = servicesIn(services)
    return new Map(
      Object.keys(services)
        .slice(0, MOST_SERVICES)
        .map((name, at) => [name, images[at] ?? name]),
    )
  } catch {
    return undefined
  }
}

const MOST_NAMED = 8

/** A sentence for people on services of CI that a sandbox lacks; none if CI has no services. */
export function describeServices(services: readonly CiService[]): readonly string[] {
  if (services.length === 0) return []
  const names = [...new Set(services.map(({ name }) => name))]
  const shown = names.slice(0, MOST_NAMED).map((name) => inlineCode(name, 80))
  const more = names.length > MOST_NAMED ? ` and ${counted(names.length - MOST_NAMED, 'other')}` : ''
  const jobs = [...new Set(services.map(({ jobName }) => jobName).filter((name) => name !== undefined))]
  const where =
    jobs.length === 0
      ? ''
      : `, ${jobs.length === 1 ? 'job' : 'jobs'} ${jobs
          .slice(0, 4)
          .map((name) => inlineCode(name, 60))
          .join(', ')}`
  const file = inlineCode(services[0]?.file ?? '', 120)
  return [
    `CI tests with ${shown.join(', ')}${more} (${file}${where}), and this sandbox does not have that: checks that need it fail here. Install and start it with \`setup\` and \`services\` in \`.github/backspace.yml\`.`,
  ]
}
