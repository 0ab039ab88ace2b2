import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { parseAllDocuments, parse as parseYaml } from 'yaml'

/** One process of a deployment, as a file for its host describes it. */
export interface DeployedProcess {
  readonly host: string
  /** Values that the file itself sets. */
  readonly env: Readonly<Record<string, string>>
  /** Names whose values are elsewhere: a secret store, a database, a person who is asked. */
  readonly asked: readonly string[]
  /** Seconds between SIGTERM and the kill. */
  readonly killedAfter: number
  /** What the host asks to find out whether the process is ready and alive. */
  readonly paths: readonly string[]
  /** Where the host expects it to listen; none where the host sets PORT. */
  readonly ports: readonly number[]
}

interface Variable {
  readonly name: string
  readonly value?: string
}

/** Heroku's, which no file can change. */
const HEROKU_SECONDS = 30
/** Cloud Run's, likewise. */
const CLOUD_RUN_SECONDS = 10

const text = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
const yaml = (path: string) => parseYaml(text(path))
const json = (path: string) => JSON.parse(text(path))

/** Every process of every host that has a file here. */
export function deployedProcesses(): DeployedProcess[] {
  const both = ['web', 'worker']
  return [
    ...render(),
    ...both.map(heroku),
    ...both.map(fly),
    ...both.map(railway),
    ...both.map(cloudRun),
    ...both.map(ecs),
    ...both.map(azure),
    ...kubernetes(),
  ]
}

/** Variables with a value, and the names of those without. */
function split(variables: readonly Variable[]): Pick<DeployedProcess, 'env' | 'asked'> {
  const given = variables.filter(({ value }) => value !== undefined)
  return {
    env: Object.fromEntries(given.map(({ name, value = '' }) => [name, value])),
    asked: variables.filter(({ value }) => value === undefined).map(({ name }) => name),
  }
}

function render(): DeployedProcess[] {
  const { services } = yaml('render.yaml')
  return services.map(
    (service: {
      readonly envVars: readonly { readonly key: string; readonly value?: string }[]
      readonly maxShutdownDelaySeconds: number
      readonly healthCheckPath?: string
    }) => ({
      host: 'render',
      ...split(service.envVars.map(({ key, ...rest }) => ({ name: key, ...rest }))),
      killedAfter: service.maxShutdownDelaySeconds,
      paths: service.healthCheckPath === undefined ? [] : [service.healthCheckPath],
      ports: [],
    }),
  )
}

function heroku(name: string): DeployedProcess {
  const line = new RegExp(`^${name}: (.*) exec (.*)$`, 'm').exec(text('Procfile'))
  const own = (line?.[1] ?? '').split(' ').map((pair) => {
    const [key = '', value = ''] = pair.split('=')
    return { name: key, value }
  })
  const asked = Object.entries<Variable>(json('app.json').env)
  const variables = [...own, ...asked.map(([key, { value }]) => ({ name: key, ...(value && { value }) }))]
  const { env, asked: names } = split(variables)
  // The database is an add-on.
  return {
    host: 'heroku',
    env,
    asked: [...names, 'DATABASE_URL'],
    killedAfter: HEROKU_SECONDS,
    paths: [],
    ports: [],
  }
}

function fly(name: string): DeployedProcess {
  const settings = JSON.parse(JSON.stringify(parseToml(text('fly.toml'))))
  const [, own = '', value = ''] = /^env (\w+)=(\w+) node /.exec(settings.processes[name]) ?? []
  const service = settings.http_service
  const checks = name === 'web' ? service.checks : [settings.checks[name]]
  return {
    host: 'fly',
    env: { ...settings.env, [own]: value },
    asked: ['DATABASE_URL'],
    killedAfter: settings.kill_timeout,
    paths: checks.map(({ path }: { path: string }) => path),
    ports: name === 'web' ? [service.internal_port] : checks.map(({ port }: { port: number }) => port),
  }
}

function railway(name: string): DeployedProcess {
  const { deploy } = json(`deploy/railway/${name}.json`)
  // Variables are those of the service, which no file can set.
  const env = { BACKSPACE_ROLE: name, BACKSPACE_GRACE_SECONDS: '50' }
  return {
    host: 'railway',
    env,
    asked: ['DATABASE_URL', 'PUBLIC_URL'],
    killedAfter: deploy.drainingSeconds,
    paths: [deploy.healthcheckPath],
    ports: [],
  }
}

function cloudRun(name: string): DeployedProcess {
  const [container] = yaml(`deploy/cloud-run/${name}.yaml`).spec.template.spec.containers
  return { host: 'cloud-run', killedAfter: CLOUD_RUN_SECONDS, ...ofContainer(container) }
}

function ecs(name: string): DeployedProcess {
  const [container] = json(`deploy/ecs/${name}.json`).containerDefinitions
  const variables = [...container.environment, ...container.secrets]
  const check: string = container.healthCheck.command.join(' ')
  const [, port = '', path = ''] = /127\.0\.0\.1:(\d+)(\/\w+)/.exec(check) ?? []
  return {
    host: 'ecs',
    ...split(variables),
    killedAfter: container.stopTimeout,
    paths: [path],
    ports: [Number(port)],
  }
}

function azure(name: string): DeployedProcess {
  const { template, configuration } = yaml(`deploy/azure/${name}.yaml`).properties
  const container = ofContainer(template.containers[0])
  const port = configuration.ingress?.targetPort
  const ports = [...container.ports, ...(port === undefined ? [] : [port])]
  return { host: 'azure', killedAfter: template.terminationGracePeriodSeconds, ...container, ports }
}

function kubernetes(): DeployedProcess[] {
  const documents = parseAllDocuments(text('deploy/kubernetes/backspace.yaml')).map((each) => each.toJS())
  const settings = documents.find(({ kind }) => kind === 'ConfigMap').data
  return documents
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ spec: { template } }) => {
      const [container] = template.spec.containers
      const { env, ...rest } = ofContainer(container)
      return {
        host: 'kubernetes',
        killedAfter: template.spec.terminationGracePeriodSeconds,
        ...rest,
        env: { ...settings, ...env },
        asked: ['DATABASE_URL'],
      }
    })
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number | string }
}

interface Container {
  readonly env: readonly Variable[]
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly probes?: readonly Probe[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
}

/** Cloud Run and Azure write containers much as Kubernetes does. */
function ofContainer(container: Container): Omit<DeployedProcess, 'host' | 'killedAfter'> {
  const { startupProbe, livenessProbe, readinessProbe, probes = [], ports = [] } = container
  const all = [startupProbe, livenessProbe, readinessProbe, ...probes].filter((each) => each !== undefined)
  const numberOf = (port: number | string) =>
    typeof port === 'number' ? port : (ports.find(({ name }) => name === port)?.containerPort ?? 0)
  return {
    ...split(container.env),
    paths: all.map(({ httpGet }) => httpGet.path),
    ports: [
      ...ports.map(({ containerPort }) => containerPort),
      ...all.map(({ httpGet }) => numberOf(httpGet.port)),
    ],
  }
}
