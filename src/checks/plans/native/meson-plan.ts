import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import { evidenceOf, type SaidOutside } from '../ci/said-lines.ts'
import type { EcosystemPlan } from '../plan.ts'
import { buildFolder, pytestInBuild } from './build-folder.ts'

/** The most files `meson.build` to read: those nearest to the root. */
const MOST_LISTS = 40
const MOST_CHARACTERS = 256 * 1024
/** A call that goes on in another folder; without a plain name, the name is computed. */
const SUBDIR = /\bsubdir\s{0,9}\(\s{0,9}(?:'([\w./-]{1,100})'\s{0,9}[,)])?/g

/** Configures Meson as CI does and runs its tests; undefined if the folder is not a project of Meson. */
export async function mesonPlan(
  folder: Folder,
  { all, ci }: SaidOutside,
): Promise<EcosystemPlan | undefined> {
  const text = await folder.read('meson.build')
  // A meson.build without `project()` is a part of the one above it.
  if (text === undefined || !/^\s{0,9}project\s{0,9}\(/m.test(text)) return undefined
  const inBuild = pytestInBuild(folder, { all, ci, tools: /^meson$/ })
  if (inBuild === undefined && !(await addsTests(folder)))
    return { ecosystem: 'Meson', source: 'meson.build', setup: [], checks: [] }
  const build = await buildFolder(folder)
  const configure = all.find(({ words }) => words[0] === 'meson' && words[1] === 'setup')
  const flags = (configure?.words ?? []).filter(
    (word) => /^-D[\w-]+=[\w.+-]+$/.test(word) && !/sanit|coverage|doc|bench|prefix/i.test(word),
  )
  const given = new Set(flags.map((flag) => flag.split('=', 1)[0]))
  const tests = (await testOptions(folder)).filter((flag) => !given.has(flag.split('=', 1)[0]))
  const setup = [`meson setup ${build} .`, ...[...flags, ...tests].map(shellQuote)].join(' ')
  return {
    ecosystem: 'Meson',
    source: 'meson.build',
    setup: [],
    // `meson setup` does nothing in a folder that is already configured.
    checks: [
      inBuild === undefined
        ? `${setup} && meson test -C ${build} --print-errorlogs`
        : `${setup} && meson compile -C ${build} && cd ${build} && python3 ${inBuild.args}`,
    ],
    evidence: [inBuild?.line, configure].flatMap((line) => (line === undefined ? [] : [evidenceOf(line)])),
  }
}

/** Whether a build file adds tests, since `meson test` passes without any. Modules have functions for tests, too: `gnome.test`. */
async function addsTests(folder: Folder): Promise<boolean> {
  const texts = await reachedLists(folder)
  return (
    texts.length >= MOST_LISTS ||
    texts.some((text) => /\btests?\b\s{0,9}\(|\bsubdir\s{0,9}\(\s{0,9}'[\w/-]{0,60}\btests?\b/.test(text))
  )
}

/** The texts of the build files that the one of the folder reaches: all of them if it computes the name of a folder. */
async function reachedLists({ files, has, read }: Folder): Promise<readonly string[]> {
  const texts: string[] = []
  const open = ['']
  const seen = new Set(open)
  for (let place = open.shift(); place !== undefined && texts.length < MOST_LISTS; place = open.shift()) {
    const text = (await read(`${place}meson.build`)) ?? ''
    texts.push(text)
    for (const [, name] of text.slice(0, MOST_CHARACTERS).matchAll(SUBDIR)) {
      const inner = name === undefined ? undefined : `${place}${name}/`
      const found =
        inner === undefined
          ? files.filter((file) => /(?:^|\/)meson\.build$/.test(file)).map((file) => file.slice(0, -11))
          : has(`${inner}meson.build`)
            ? [inner]
            : []
      for (const one of found) {
        if (!seen.has(one)) open.push(one)
        seen.add(one)
      }
    }
  }
  return texts
}

/** Options that switch on tests which are off by default. */
async function testOptions(folder: Folder): Promise<readonly string[]> {
  const text = (await folder.read('meson.options')) ?? (await folder.read('meson_options.txt')) ?? ''
  const options = text.slice(0, 64 * 1024).split(/^\s{0,9}option\s{0,9}\(/m)
  return options.flatMap((option) => {
    const [, name] = /^\s{0,20}'((?:(?:build|enable|with)[-_])?(?:unit[-_]?)?tests?)'/.exec(option) ?? []
    const isOff = /\bvalue\s{0,9}:\s{0,9}(?:false|'(?:false|disabled)')/.test(option)
    const on = /\btype\s{0,9}:\s{0,9}'feature'/.test(option) ? 'enabled' : 'true'
    return name !== undefined && isOff ? [`-D${name}=${on}`] : []
  })
}
