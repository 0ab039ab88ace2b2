import { counted } from '../../../text/amounts.ts'
import { inlineCode } from '../../../text/markdown/fenced.ts'
import type { CiStep } from './ci-line.ts'

/** A package of Debian or Ubuntu that a job of CI installs. */
export interface CiPackage {
  readonly name: string
  readonly file: string
  /** Id of the job, as in `CiLine.job`. */
  readonly job: string
}

const MOST_CHARACTERS = 16 * 1024
const MOST_PACKAGES = 60
/** A command of apt, also after `then`, `sudo` and variables. */
const APT = /^(?:then )?(?:sudo )?(?:-\w+ )*(?:\w+=\S+ )*(?:apt-get|apt) (.+)$/
const NAME = /^([a-z0-9][a-z0-9+.-]{0,80})(?:[:=]\S{1,60})?$/
/** Options whose value is the next word. */
const WITH_VALUE = /^(?:-[tocq]|--(?:target-release|option|config-file))$/

/** The packages that a step installs with apt, without names that contain variables. */
export function packagesOfStep({ file, job, script }: CiStep): readonly CiPackage[] {
  const lines = script
    .slice(0, MOST_CHARACTERS)
    .replace(/\\\n\s*/g, ' ')
    .split(/\n|&&|\|\||;/)
  const names = lines.flatMap((line) => {
    const words = APT.exec(line.trim())?.[1]?.split(/\s+/) ?? []
    const at = words.indexOf('install')
    if (at === -1) return []
    return words
      .slice(at + 1)
      .filter((_, index) => !WITH_VALUE.test(words[at + index] ?? ''))
      .flatMap((word) => NAME.exec(word)?.[1] ?? [])
  })
  return names.slice(0, MOST_PACKAGES).map((name) => ({ name, file, job }))
}

/** A program of Go that a step installs. Its name is the last part of the path that is no version. */
const OF_GO = /\bgo install (?:-\S{1,60} ){0,4}([\w.-]{1,80}(?:\/[\w.-]{1,80}){1,8})@/
/** Another repository that a step clones, and builds and installs where `INSTALLS` says so. */
const CLONED =
  /\bgit clone (?:--?[\w-]{1,40}(?:[= ][\w.]{1,40})? ){0,6}https?:\/\/[\w.-]{1,80}\/[\w.-]{1,80}\/([\w-]{1,80})(?=[\s."']|$)/
const INSTALLS = /\b(?:make|ninja) (?:\S{1,60} ){0,3}install\b|\bcmake --install\b/

/** Names of programs that a step builds from other repositories, which a sandbox lacks: `nats-server`. */
export function programsOfStep({ script }: CiStep): readonly string[] {
  const lines = script.slice(0, MOST_CHARACTERS).split('\n')
  const cloned = INSTALLS.test(script.slice(0, MOST_CHARACTERS)) ? lines : []
  return [
    ...lines.flatMap((line) => {
      const parts = OF_GO.exec(line.slice(0, 1000))?.[1]?.split('/') ?? []
      return parts.filter((part) => !/^v\d+$/.test(part)).slice(-1)
    }),
    ...cloned.flatMap((line) => CLONED.exec(line.slice(0, 1000))?.[1] ?? []),
  ].slice(0, MOST_PACKAGES)
}

const MOST_NAMED = 8

/**
 * A sentence for people on packages that CI installs and the sandbox lacks; none if it has all of them.
 *
 * @param there packages of the sandbox; empty if they are not known, and then there is no sentence.
 */
export function describePackages(
  packages: readonly CiPackage[],
  there: ReadonlySet<string> = new Set(),
): readonly string[] {
  const missing = there.size === 0 ? [] : packages.filter(({ name }) => !there.has(name))
  const [first] = missing
  if (first === undefined) return []
  const names = [...new Set(missing.map(({ name }) => name))]
  const shown = names.slice(0, MOST_NAMED).map((name) => inlineCode(name, 80))
  const more = names.length > MOST_NAMED ? ` and ${counted(names.length - MOST_NAMED, 'other')}` : ''
  const them = names.length === 1 ? 'it' : 'them'
  return [
    `CI installs ${shown.join(', ')}${more} with apt (${inlineCode(first.file, 120)}), and this sandbox does not have ${them}. If a check fails for want of ${them}, the operator can put ${them} into the image or template of the sandbox.`,
  ]
}
