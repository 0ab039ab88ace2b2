import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Buildah } from './buildah.ts'

export const MOST_MEGABYTES = 450

/** The parts of an image's description that are checked. */
interface Described {
  readonly Docker: {
    readonly config: {
      readonly User: string
      readonly Env: readonly string[]
      readonly Entrypoint: readonly string[]
      readonly Cmd: readonly string[]
      readonly Volumes?: Readonly<Record<string, unknown>>
      readonly Healthcheck?: { readonly Test: readonly string[] }
      readonly Labels?: Readonly<Record<string, string>>
    }
    readonly history: readonly { readonly created_by?: string }[]
  }
}

/** How an image is started, as its description says it. */
export function describeImage(buildah: Buildah, image: string) {
  const { Docker } = JSON.parse(buildah('inspect', '--type', 'image', image)) as Described
  return { ...Docker.config, history: Docker.history.map((layer) => layer.created_by ?? '') }
}

/** @returns what is wrong with how it starts and with what its layers tell, in sentences. */
export function faultsOfDescription(described: ReturnType<typeof describeImage>): string[] {
  const { User, Env, Entrypoint, Cmd, Volumes, Healthcheck, Labels, history } = described
  const faults: string[] = []
  const expects = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  expects(User === '1000:1000', `it runs as ${User}`)
  expects(Env.includes('HOST=0.0.0.0'), 'nobody outside of the container can reach it')
  expects(Env.includes('DATA_DIR=/data') && '/data' in (Volumes ?? {}), 'its data is not on a volume')
  expects([...Entrypoint, ...Cmd].join(' ').startsWith('tini -- node '), 'it is not started by tini')
  expects(Healthcheck?.Test[0] === 'CMD', 'its health check is missing, or starts a shell')
  expects(Labels?.['org.opencontainers.image.licenses'] === 'MIT', 'it has no labels')
  const secret = /(?:KEY|SECRET|TOKEN|PASSWORD|_PAT)\w*=|-----BEGIN|sk-ant-|ghp_|_authToken/
  for (const text of [...Env, ...history]) expects(!secret.test(text), `a layer names a secret: ${text}`)
  return faults
}

/** @param root where its files are mounted. */
export function faultsOfFiles(root: string): string[] {
  const names = readdirSync(join(root, 'app')).sort()
  const faults: string[] = []
  const wanted = ['LICENSE', 'bin', 'node_modules', 'package.json', 'src']
  if (names.join() !== wanted.join()) faults.push(`/app has ${names.join(', ')} and not ${wanted.join(', ')}`)
  const packages = readdirSync(join(root, 'app/node_modules'))
  const others = packages.filter((name) =>
    /^node-(?:bin-)?(?:linux|darwin)-|^node$|^vitest$|^typescript$/.test(name),
  )
  if (others.length > 0) faults.push(`packages that nothing needs there: ${others.join(', ')}`)
  for (const program of ['git', 'rg', 'bwrap', 'tini']) {
    if (!existsSync(join(root, 'usr/bin', program))) faults.push(`${program} is missing`)
  }
  const { uid, mode } = lstatSync(join(root, 'data'))
  if (uid !== 1000 || (mode & 0o077) !== 0) faults.push('/data is open to others, or not for its user')
  return [...faults, ...strangers(join(root, 'app'))]
}

/** Files that belong to a clone or to a person. */
function strangers(directory: string): string[] {
  return [...entriesBelow(directory)]
    .filter((path) =>
      /\/(?:\.env(?:\.[^/]*)?|\.git|\.data|\.npm|id_rsa|[^/]*\.pem)(?:\/|$)/.test(
        path.slice(directory.length),
      ),
    )
    .map((path) => `${path} should not be there`)
}

/** Of all its files, in MB. */
export function megabytesOf(root: string): number {
  let bytes = 0
  for (const path of entriesBelow(root)) {
    bytes += lstatSync(path).size
  }
  return Math.round(bytes / 1e6)
}

/** Files and links; Node's recursive readdir would follow the links, out of the image. */
function* entriesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* entriesBelow(path)
    else yield path
  }
}
