import type { Folder } from '../../project.ts'
import { hasScript, type PackageJson, parsePackage, reachedFrom, scriptText } from './node-scripts.ts'

/** A test runner with a path in a folder that compilers write to. */
const RUNS =
  /\b(?:mocha|_mocha|node|ava|tape|jasmine|qunit|uvu|tap|borp|vscode-test|electron-mocha)\b[^|;&\n]{0,200}?[\s"'](?:\.\/)?((?:out|dist|build|built|compiled|tsc|target|test-dist|dist-test|build-test|\.?te?mp|\.test|lib|cjs|esm)(?:[-.]\w{1,20})?)\//
/** A JavaScript file that a runner gets as its argument. */
const FILE =
  /(?:^|&& )(?:cross-env )?(?:\w+=\S+ )?(?:node|mocha|ava|tape)(?: --?[\w=-]+)* (?:\.\/)?((?:[\w-]+\/)?[\w.-]{1,60}\.[cm]?js)(?=\s|$)/
/** Programs that compile. */
const BUILDS = /\b(?:tsc|babel|swc|esbuild|rollup|webpack|tsup|vite build|gulp|grunt)\b/
const NAMES = ['build:test', 'build:tests', 'compile:test', 'compile-tests', 'test:build', 'compile', 'build']
/** A part of a script that runs the tests of another folder: `cd a && npm test`. */
const INNER = /\bcd ([\w./-]{1,80}) && (?:npm|yarn|pnpm) (?:run )?(?:t|test)\b/g
const MOST_INNER = 4

/** The script that compiles the tests, if the test script does not do so itself: `compile` for `mocha out/test`. */
export async function compilingScript(
  folder: Folder,
  { parsed, test }: { readonly parsed: PackageJson; readonly test: string },
): Promise<string | undefined> {
  const reached = [...reachedFrom(parsed, test)]
  const texts = reached.map((one) => scriptText(parsed, one))
  if (reached.some((one) => /build|compile/.test(one)) || texts.some((text) => BUILDS.test(text)))
    return undefined
  const inner = texts.flatMap((text) => [...text.matchAll(INNER)].map(([, place = '']) => place))
  const run = texts.map((text) => ({ place: '', text }))
  for (const place of inner.slice(0, MOST_INNER)) {
    const member = parsePackage(await folder.read(`${place}/package.json`)) ?? {}
    const names = reachedFrom(member, 'test')
    run.push(...[...names].map((name) => ({ place: `${place}/`, text: scriptText(member, name) })))
  }
  const isMade = texts.some((text) => {
    const file = FILE.exec(text)?.[1]
    return file !== undefined && !folder.has(file) && !file.startsWith('node_modules/')
  })
  const isCompiled = run.some(({ place, text }) => {
    const made = RUNS.exec(text)?.[1]
    return made !== undefined && !folder.files.some((file) => file.startsWith(`${place}${made}/`))
  })
  return isCompiled || isMade ? NAMES.find((name) => hasScript(parsed, name)) : undefined
}
