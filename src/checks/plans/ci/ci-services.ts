import { counted } from '../../../text/amounts.ts'
import { inlineCode } from '../../../text/fenced.ts'
import { isRecord } from '../../../text/is-record.ts'
import { parseYaml } from '../../../text/parse-yaml.ts'
import type { Project } from '../../project.ts'
import { mayRun, substitute, type Values } from './expressions.ts'
import { unmaskExpressions } from './masked-expressions.ts'

/** What a job of CI has running beside its steps, and a sandbox has not. */
export interface CiService {
  /** `postgres:16`, or what starts it: `docker compose up`. */
  readonly name: string
  readonly file: string
  /** As `CiLine.job`. */
  readonly job: string
  readonly jobName: string | undefined
}

/** Actions that start a service for the steps after them. */
const ACTIONS =
  /^(?:supercharge\/(?:mongodb|redis)|(?:ikalnytskyi|ankane|harmon758|tj-actions|shogo82148)\/[\w-]*(?:postgres|mysql|redis|mariadb)|getong\/\w+-action|hoverkraft-tech\/compose-action|isbang\/compose-action|mirromutt\/mysql|zhulik\/redis|elastic\/elastic-github-actions|potatoqualitee\/mssqlsuite|reactivecircus\/android-emulator)/i
/** A line of a script that starts one. */
const STARTS =
  /\bdocker(?: container)? run (?:.{0,200} )?(?:-d|--detach)\b|\bdocker[- ]compose (?:.{0,200} )?(?:up|start|run (?:.{0,80} )?(?:-d|--detach))\b|\bservice [\w-]{1,40} (?:re)?start\b|\bsystemctl (?:re)?start\b|\bbrew services\b|\bpg_ctl(?:cluster)?\b|(?:^|\/|\s)(?:redis-server|mysqld|mongod|minikube start|kind create cluster)(?:\s|$)/
const COMPOSE = /\bdocker[- ]compose (.{0,200} )?up\b(.{0,200})/
const MOST_STEPS = 100
const MOST_CHARACTERS = 16 * 1024
const MOST_SERVICES = 20

/** What a job of GitHub's workflows has beside its steps, or starts before it tests: images, or what starts them. */
export function servicesOfJob(job: Readonly<Record<string, unknown>>, values: Values): readonly string[] {
  const beside = servicesIn(job.services, values)
  const steps = Array.isArray(job.steps) ? job.steps.slice(0, MOST_STEPS) : []
  const started = steps.flatMap((step: unknown) => {
    if (!isRecord(step) || !mayRun(step.if, values)) return []
    const { uses, run } = step
    if (typeof uses === 'string' && ACTIONS.test(uses)) return [composeCommand(step.with, values) ?? uses]
    const lines = typeof run === 'string' ? run.slice(0, MOST_CHARACTERS).split('\n') : []
    return lines.filter(startsService).map((line) => line.trim())
  })
  return [...beside, ...started].slice(0, MOST_SERVICES)
}

/** What an action that starts a compose file does, as people would: `docker compose -f a.yml up redis`. */
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
  return line.length < 1000 && STARTS.test(line)
}

/** Of a map by names, as GitHub and compose files have it, or of a list, as GitLab has it. */
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

/** The same, with the services of a compose file instead of the line that starts them. */
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

/** A script says where it is itself by a variable: `$HERE/compose.yml`. */
function fromScript(script: string, path: string | undefined): string | undefined {
  const own = script.split('/').slice(0, -1)
  return path?.replace(/^["']|["']$/g, '').replace(/^\$\{?\w{1,40}\}?["']?\//, () => [...own, ''].join('/'))
}

/** Images of a compose file by the names of its services; those that are built have their name alone. */
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

/** One sentence on what CI has and a sandbox has not; none if there is nothing. */
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
