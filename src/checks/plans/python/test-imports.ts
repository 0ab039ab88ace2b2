import type { Folder } from '../../project.ts'
import { isOthers } from '../own-folders.ts'

/** Files of tests that are read: those that all tests share first, then some from everywhere. */
const MOST_SHARED = 8
const MOST_FILES = 64
const MOST_CHARACTERS = 64 * 1024

/** Plugins of pytest by what shows in a test that it uses them. The plugin must be installed, and nothing imports it. */
const PLUGINS: readonly (readonly [plugin: string, use: RegExp])[] = [
  ['pytest-asyncio', /@pytest\.mark\.asyncio\b/],
  ['pytest-django', /@pytest\.mark\.django_db\b/],
  ['pytest-trio', /@pytest\.mark\.trio\b/],
  ['pytest-mock', /^[ \t]{0,9}(?:async )?def test_\w{1,200}\([^)]{0,300}\bmocker\b/m],
  ['pytest-benchmark', /^[ \t]{0,9}def test_\w{1,200}\([^)]{0,300}\bbenchmark\b/m],
  ['pytest-httpserver', /^[ \t]{0,9}(?:async )?def test_\w{1,200}\([^)]{0,300}\bhttpserver\b/m],
  ['pytest-httpbin', /^[ \t]{0,9}(?:async )?def test_\w{1,200}\([^)]{0,300}\bhttpbin\b/m],
  ['pytest-httpx', /^[ \t]{0,9}(?:async )?def test_\w{1,200}\([^)]{0,300}\bhttpx_mock\b/m],
  ['requests-mock', /^[ \t]{0,9}(?:async )?def test_\w{1,200}\([^)]{0,300}\brequests_mock\b/m],
  ['pytest-aiohttp', /^[ \t]{0,9}(?:async )?def test_\w{1,200}\([^)]{0,300}\baiohttp_client\b/m],
  ['pytest-subtests', /^[ \t]{0,9}def test_\w{1,200}\([^)]{0,300}\bsubtests\b/m],
  ['pytest-datadir', /^[ \t]{0,9}def test_\w{1,200}\([^)]{0,300}\bdatadir\b/m],
]

/**
 * What the tests of a folder import at the top of their files, `yaml`, and the plugins of pytest that they use. Modules
 * that a test skips without are not needed.
 *
 * @param tests files with tests, relative to the folder.
 */
export async function importsOfTests(folder: Folder, tests: readonly string[]): Promise<TestImports> {
  const depth = (file: string) => file.split('/').length
  const shared = folder.files
    .filter((file) => /(?:^|\/)conftest\.py$/.test(file) && !isOthers(file))
    .toSorted((a, b) => depth(a) - depth(b))
    .slice(0, MOST_SHARED)
  const step = Math.max(1, Math.ceil(tests.length / (MOST_FILES - shared.length)))
  const chosen = [...shared, ...tests.filter((_, at) => at % step === 0)]
  const texts = await Promise.all(chosen.map(folder.read))
  const all = texts.map((text) => (text ?? '').slice(0, MOST_CHARACTERS))
  return {
    modules: new Set(all.flatMap(importedBy)),
    plugins: PLUGINS.filter(([, use]) => all.some((text) => use.test(text))).map(([plugin]) => plugin),
  }
}

export interface TestImports {
  /** Names without their parts: `google` for `google.cloud`. */
  readonly modules: ReadonlySet<string>
  /** Names of packages: `pytest-mock`. */
  readonly plugins: readonly string[]
}

function importedBy(text: string): readonly string[] {
  const skipped = new Set([...text.matchAll(/\bimportorskip\(["'](\w{1,80})/g)].map(([, name]) => name))
  return text.split('\n').flatMap((line) => {
    const from = /^from (\w{1,80})[\w.]{0,200} import /.exec(line)?.[1]
    const plain = /^import ([\w., ]{1,300})/.exec(line)?.[1]
    const names =
      from === undefined ? (plain ?? '').split(',').map((one) => /^ ?(\w{1,80})/.exec(one)?.[1]) : [from]
    return names.filter((name) => name !== undefined && !skipped.has(name)) as string[]
  })
}
