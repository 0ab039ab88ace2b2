import { type HistoryWish, USUAL_DEPTH } from '../workspace/history.ts'
import type { Base } from '../workspace/workspace.ts'

/** Arguments of git commands that run in a clone's new git directory, in this order. */
interface HistoryFetches {
  /** Fetches the commits with their files. */
  readonly commits: readonly string[]
  /** Fetches all older commits and the tags, without files; undefined if `commits` fetches them. */
  readonly graph: readonly string[] | undefined
  /** Each prints a name if the build of the commit reads tags, which `graph` is for. Empty when `graph` is always needed. */
  readonly tagUsers: readonly (readonly string[])[]
}

const ALL_TAGS = '+refs/tags/*:refs/tags/*'
/** Git's depth for all generations. */
const ANY_DEPTH = '--depth=2147483647'

/** @param url URL of the repository on GitHub. */
export function historyFetches(url: string, { sha, history }: Pick<Base, 'sha' | 'history'>): HistoryFetches {
  const { depth, wantsGraph = false, others = [] }: HistoryWish = history ?? { depth: USUAL_DEPTH }
  const wanted = [...new Set([sha, ...others.map((other) => other.sha)])]
  const fetch = ['fetch', '--quiet', '--no-tags']
  if (depth === undefined) {
    return { commits: [...fetch, url, ...wanted, ALL_TAGS], graph: undefined, tagUsers: [] }
  }
  const graph = [...fetch, ANY_DEPTH, '--filter=tree:0', url, ...wanted, ALL_TAGS]
  if (depth === 0) return { commits: graph, graph: undefined, tagUsers: [] }
  return {
    commits: [...fetch, `--depth=${depth}`, url, ...wanted],
    graph,
    tagUsers: wantsGraph ? [] : tagUsers(sha),
  }
}

/** Tools that derive a version from the newest tag, or from the number of commits since. */
const READS_TAGS = [
  'setuptools[-_]scm',
  'hatch-vcs',
  'versioningit',
  'versioneer',
  'dynamic-versioning',
  'dunamai',
  'setuptools[-_]git[-_]version',
  'pdm.*source *= *.scm',
  'flit[-_]scm',
  'git[ -]describe',
  'describe[" ,]+--tags',
  'git-version',
  'gitversion',
  'Nerdbank',
  'MinVer',
  'sbt-(dynver|git)',
  'axion-release',
  'jgitver',
  'reckon',
  'vcs_tag',
].join('|')

const BUILD_FILES = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'Makefile',
  'GNUmakefile',
  'justfile',
  'Taskfile.yml',
  'package.json',
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'settings.gradle.kts',
  'build.sbt',
  'project/plugins.sbt',
  'pom.xml',
  '.mvn/extensions.xml',
  'CMakeLists.txt',
  'meson.build',
  'configure.ac',
  'build.rs',
  'Directory.Build.props',
  'Directory.Packages.props',
]

/** Files whose mere presence shows that the build reads tags. */
const TELLING_FILES = [
  '.goreleaser.yml',
  '.goreleaser.yaml',
  'versioneer.py',
  'GitVersion.yml',
  'build-aux/git-version-gen',
]

function tagUsers(sha: string): readonly (readonly string[])[] {
  return [
    ['ls-tree', '--name-only', sha, ...TELLING_FILES],
    ['grep', '-liIE', READS_TAGS, sha, '--', ...BUILD_FILES],
  ]
}
