import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PROFILE } from './start-command.ts'

export const USER_ID = 1000

/** Directories of the host that a sandbox does not see: it has its own there. */
const OWN = { '/home': 'home', '/tmp': 'tmp', '/root': 'admin' } as const

const BASHRC = `case $- in
    *i*) ;;
      *) return;;
esac
`

/**
 * Makes the files of a new machine, and keeps those of a snapshot.
 *
 * @returns a shell script that mounts them at `$0/root`.
 */
export function furnishMachine(directory: string, isRoot: boolean): string {
  const at = (...parts: readonly string[]) => join(directory, ...parts)
  for (const name of ['system/etc', 'system/usr/local', 'work', 'root', 'admin', 'home', 'tmp']) {
    mkdirSync(at(name), { recursive: true })
  }
  const { before, mounts } = isRoot ? overlay(directory) : borrowedSystem(directory)
  const lent = lendTools(directory)
  const all = [
    ...mounts,
    `proc ${at('root/proc')} proc defaults`,
    `/dev ${at('root/dev')} none rbind`,
    ...Object.entries(OWN).map(([shown, own]) => `${at(own)} ${at('root')}${shown} none bind`),
    ...lent.map((tools) => `${tools} ${at('root')}${tools} none bind`),
  ]
  writeFileSync(at('fstab'), all.map((line) => `${line} 0 0\n`).join(''))
  if (!existsSync(at('home/user'))) furnishUser(directory, isRoot)
  // Its user passes through root's home to what is lent there, and can do nothing else in it.
  chmodSync(at('admin'), lent.some((tools) => tools.startsWith('/root/')) ? 0o711 : 0o700)
  return `${before} && mount --all --fstab "$0/fstab"`
}

interface SystemMounts {
  /** Shell script. */
  readonly before: string
  /** Lines of fstab. */
  readonly mounts: readonly string[]
}

/** This system, with changes that stay in the machine. */
function overlay(directory: string): SystemMounts {
  const at = (name: string) => join(directory, name)
  return {
    before: ':',
    mounts: [`overlay ${at('root')} overlay lowerdir=/,upperdir=${at('system')},workdir=${at('work')}`],
  }
}

/** This system as it is, but for three files: without root, the kernel makes no overlay of it. */
function borrowedSystem(directory: string): SystemMounts {
  const entries = readdirSync('/', { withFileTypes: true })
  const ours = ['/proc', '/dev', ...Object.keys(OWN)]
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name)
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const borrowed = names.filter((name) => !ours.includes(`/${name}`) && isReadable(`/${name}`))
  const etc = ['passwd', 'group', 'profile'].filter((name) => existsSync(`/etc/${name}`))
  const root = join(directory, 'root')
  return {
    before: [
      'mount -t tmpfs -o mode=755 tmpfs "$0/root"',
      `(cd "$0/root" && mkdir ${[...borrowed, ...ours.map((path) => path.slice(1))].join(' ')}`,
      `${links.map((name) => `cp -P /${name} .`).join(' && ') || ':'})`,
    ].join(' && '),
    mounts: [
      ...borrowed.map((name) => `/${name} ${root}/${name} none rbind`),
      ...etc.map((name) => `${join(directory, 'system/etc', name)} ${root}/etc/${name} none bind`),
    ],
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function furnishUser(directory: string, isRoot: boolean): void {
  const at = (...parts: readonly string[]) => join(directory, ...parts)
  chmodSync(at('tmp'), 0o1777)
  chmodSync(at('system/usr/local'), 0o777)
  mkdirSync(at('home/user'))
  writeFileSync(at('home/user/.profile'), PROFILE)
  writeFileSync(at('home/user/.bashrc'), BASHRC)
  if (isRoot)
    for (const name of ['', '.profile', '.bashrc']) chownSync(at('home/user', name), USER_ID, USER_ID)
  writeFileSync(at('system/etc/profile'), etcProfile())
  // Without root there is one id, which the kernel shows as 0.
  const id = isRoot ? USER_ID : 0
  for (const name of ['passwd', 'group'] as const) {
    const others = readFileSync(`/etc/${name}`, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('user:') && line.split(':')[2] !== String(id))
    const own = name === 'passwd' ? `user:x:${id}:${id}::/home/user:/bin/bash` : `user:x:${id}:`
    writeFileSync(at('system/etc', name), `${[own, ...others].join('\n')}\n`)
  }
}

/** What E2B’s images have there: PATH, and both profiles of the user (infra: `provision.sh`). */
function etcProfile(): string {
  return [
    `PATH='${process.env.PATH}'`,
    'export PATH',
    "export SHELL='/bin/bash'",
    'if [ -f ~/.bashrc ]; then source ~/.bashrc; fi; if [ -f ~/.profile ]; then source ~/.profile; fi',
    '',
  ].join('\n')
}

/** This machine’s own tools, where they lie in a directory that the sandbox does not see. */
function lendTools(directory: string): readonly string[] {
  const lent = (process.env.PATH ?? '')
    .split(':')
    .filter((entry) => existsSync(entry) && Object.keys(OWN).some((own) => entry.startsWith(`${own}/`)))
    .map((entry) => (/^\.?bin$/.test(basename(entry)) ? dirname(entry) : entry))
    .sort()
    .filter((entry, index, all) => !all.slice(0, index).some((other) => `${entry}/`.startsWith(`${other}/`)))
  for (const tools of lent) {
    const own = Object.entries(OWN).find(([shown]) => tools.startsWith(`${shown}/`))
    if (own) mkdirSync(join(directory, own[1], tools.slice(own[0].length)), { recursive: true })
  }
  return lent
}
