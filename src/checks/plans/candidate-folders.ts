import type { Project } from '../project.ts'
import { isInTests, isOthers } from './own-folders.ts'
import { TEST_FILE } from './python/python-plan.ts'

/** The most folders to look at. */
const MAX_FOLDERS = 150

/** A file that makes its folder a candidate. */
const MANIFEST =
  /^(?:package\.json|deno\.jsonc?|go\.mod|Cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|pytest\.ini|noxfile\.py|Pipfile|[\w.-]*requirements[\w.-]*\.txt|pom\.xml|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|Gemfile|[\w-]+\.gemspec|composer\.json|mix\.exs|pubspec\.yaml|[^/]+\.(?:slnx?|csproj|fsproj)|GNUmakefile|[Mm]akefile|[Jj]ustfile|CMakeLists\.txt|meson\.build|Package\.swift|build\.zig|build\.sbt|dune-project|stack\.yaml|cabal\.project|rebar\.config|project\.clj|deps\.edn|gleam\.toml|shard\.yml|build\.mill|pdm\.lock|tox\.toml|Project\.toml|DESCRIPTION)$/
const PYTHON = /^(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|pytest\.ini|Pipfile)$/
/** A folder that holds the tests of the package around it, even if it has a manifest of a package, for them. */
const OF_TESTS = /(?:^|\/)tests?$/
const PACKAGE = /^(?:pyproject\.toml|setup\.py|Pipfile)$/
const OUTER = ['pyproject.toml', 'setup.py', 'setup.cfg']
const REQUIREMENTS = /requirements[\w.-]*\.txt$/

/** The root, then the folders with a manifest, by depth and name. */
export function candidateFolders({ files }: Project): readonly string[] {
  const names = new Set<string>()
  for (const file of files) {
    const slash = file.lastIndexOf('/')
    if (slash !== -1 && MANIFEST.test(file.slice(slash + 1)) && !isOthers(file))
      names.add(file.slice(0, slash))
  }
  const sorted = [...names].sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))
  return ['', ...sorted].slice(0, MAX_FOLDERS)
}

/** Folders whose Python tests are their own, and not tests of a project around them. */
export function pythonFolders({ files }: Project): ReadonlySet<string> {
  const lists = new Set<string>()
  const found = new Set<string>()
  const folderOf = (file: string) => file.slice(0, Math.max(0, file.lastIndexOf('/')))
  for (const file of files) {
    const folder = folderOf(file)
    const name = file.slice(folder === '' ? 0 : folder.length + 1)
    if (folder === '' || isOthers(file)) continue
    const isFixture = OF_TESTS.test(folder) && PACKAGE.test(name) && isAround(files, folder)
    if (PYTHON.test(name) && !isFixture) found.add(folder)
    // Requirements in a folder of tests belong to the project around it.
    else if (REQUIREMENTS.test(name) && !isInTests(folder)) lists.add(folder)
  }
  for (const file of files) {
    if (!TEST_FILE.test(file)) continue
    for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) {
      if (lists.has(file.slice(0, at))) found.add(file.slice(0, at))
    }
  }
  return found
}

/** Whether a folder around this one has a manifest of Python. */
function isAround(files: ReadonlySet<string>, folder: string): boolean {
  const parts = folder.split('/')
  return parts.some((_, at) => OUTER.some((name) => files.has([...parts.slice(0, at), name].join('/'))))
}

/** The number of names in a folder's path; 0 for the root. */
export function depthOf(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length
}
