import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Buildah, requirePrograms } from './buildah.ts'
import type { ImageLock } from './image-inputs.ts'

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt'
/** What Node 24 brings. */
const NPM = 'npm@11.21.2'

/**
 * Puts the base of the Dockerfile into the storage: the published one where a registry of images can be reached; else one of the same
 * name made from the same parts, which are Debian's packages, the Node of the lock file, and npm. So the Dockerfile stays as it is.
 */
export function provideBase(buildah: Buildah, name: string, directory: string): ImageLock['base'] {
  const image = `docker.io/library/${name}`
  if (images(buildah).includes(`localhost/stand-in/${name}`)) return 'stand-in'
  try {
    buildah('pull', '--quiet', image)
    return 'published'
  } catch {
    console.log(
      `${name} cannot be pulled: a stand-in is made from Debian's packages and the Node of the lock file`,
    )
  }
  const container = buildah('from', 'scratch')
  try {
    buildah('add', container, debian(directory), '/')
    const root = buildah('mount', container)
    addNode(root)
    buildah('run', '--isolation', 'chroot', container, '--', 'groupadd', '--gid', '1000', 'node')
    buildah(
      'run',
      '--isolation',
      'chroot',
      container,
      '--',
      'useradd',
      '-m',
      '-u',
      '1000',
      '-g',
      '1000',
      'node',
    )
    trustThisMachine(buildah, container, root)
    buildah('config', '--cmd', 'node', container)
    buildah('commit', '--quiet', '--squash', container, image)
    buildah('tag', image, `localhost/stand-in/${name}`)
  } finally {
    buildah('rm', container)
  }
  return 'stand-in'
}

function images(buildah: Buildah): string[] {
  return buildah('images', '--format', '{{.Name}}:{{.Tag}}').split('\n')
}

/** Debian as Docker's slim image has it: without documentation and translations. It is kept, since it takes minutes to make. */
function debian(directory: string): string {
  const file = join(directory, 'debian.tar')
  if (existsSync(file)) return file
  requirePrograms({ mmdebstrap: 'mmdebstrap' })
  const left = ['man', 'locale', 'info', 'doc'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
  const mirrors = ['debian bookworm', 'debian bookworm-updates', 'debian-security bookworm-security']
  const sources = mirrors.map((mirror) => `deb http://deb.debian.org/${mirror} main`)
  const licences = '--dpkgopt=path-include=/usr/share/doc/*/copyright'
  const args = ['--variant=minbase', '--include=ca-certificates', ...left, licences, 'bookworm']
  execFileSync('mmdebstrap', [...args, `${file}.tar`, ...sources], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  renameSync(`${file}.tar`, file)
  return file
}

/** As Docker's image has it: the programs, npm, and the headers without those of OpenSSL for other processors. */
function addNode(root: string): void {
  const local = join(root, 'usr/local')
  const own = dirname(dirname(process.execPath))
  for (const part of ['bin', 'include', 'share']) {
    if (existsSync(join(own, part))) cpSync(join(own, part), join(local, part), { recursive: true })
  }
  rmSync(join(local, 'include/node/openssl/archs'), { recursive: true, force: true })
  const modules = join(local, 'lib/node_modules')
  mkdirSync(modules, { recursive: true })
  const packed = execFileSync('npm', ['pack', NPM, '--silent', '--pack-destination', modules], {
    encoding: 'utf8',
  })
  const file = join(modules, packed.trim())
  execFileSync('tar', ['-xzf', file, '-C', modules])
  renameSync(join(modules, 'package'), join(modules, 'npm'))
  rmSync(file)
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name))
}

/** A machine behind a proxy that opens TLS has the proxy's certificate in its bundle. */
function trustThisMachine(buildah: Buildah, container: string, root: string): void {
  if (!existsSync(BUNDLE)) return
  cpSync(BUNDLE, join(root, 'usr/local/share/machine.crt'))
  buildah('config', '--env', 'NODE_EXTRA_CA_CERTS=/usr/local/share/machine.crt', container)
}
