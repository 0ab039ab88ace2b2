import { chooseMaven } from '../../src/checks/environment/choose-maven.ts'
import { parseDevcontainer } from '../../src/checks/environment/devcontainer.ts'
import { readMavenNeeds } from '../../src/checks/environment/maven-needs.ts'
import { parsePom, wishesOfPoms } from '../../src/checks/environment/maven-poms.ts'
import { readVersionWishes } from '../../src/checks/environment/version-wishes.ts'
import { settledLines } from '../../src/checks/plans/ci/settled-lines.ts'
import { calledRules, readRecipes } from '../../src/checks/plans/recipe-file.ts'
import { parseRepoSettings } from '../../src/checks/repo-settings.ts'
import { serversNotReached } from '../../src/pipeline/sandbox/name-missing-servers.ts'
import { hostsNotReached } from '../../src/pipeline/sandbox/name-refused-hosts.ts'
import { readGitConfig } from '../../src/text/git-config.ts'
import type { LinearCase } from './linear-case.ts'
import { projectWith } from './repository-cases.ts'

const VARIABLE = `\${a}`

/** What a repository says about its environment. */
export const ENVIRONMENT_CASES: readonly LinearCase[] = [
  {
    file: 'checks/repo-settings.ts',
    name: 'values',
    limit: 8192,
    work: (t) => parseRepoSettings(`setup: ${t}`, 'a'),
  },
  {
    file: 'checks/environment/devcontainer.ts',
    name: 'a file',
    limit: 64_000,
    work: (t) => [
      parseDevcontainer(t, 'a'),
      parseDevcontainer(JSON.stringify({ image: t, features: { [t]: t } }), 'a'),
    ],
  },
  ...['.tool-versions', '.nvmrc', 'go.mod', 'pyproject.toml', 'mise.toml'].map((path) => ({
    file: 'checks/environment/version-wishes.ts',
    name: path,
    limit: 64_000,
    work: (t: string) => readVersionWishes(projectWith(path, t)),
  })),
  {
    file: 'checks/environment/maven-poms.ts',
    name: 'a parent',
    limit: 64_000,
    units: [VARIABLE, `<properties><a>${VARIABLE}`, '<version>'],
    work: (t) => wishesOfPoms([parsePom(`<project><prerequisites><maven>${t}`, 'a'), parsePom(t, 'b')]),
  },
  {
    file: 'checks/environment/choose-maven.ts',
    name: 'a range',
    limit: 300,
    units: ['[1,', '[1,2),', '1||'],
    work: (t) => chooseMaven([{ wanted: t, source: 'a' }], '3.8.7'),
  },
  {
    file: 'checks/environment/maven-needs.ts',
    name: 'a wrapper',
    limit: 64_000,
    units: ['distributionUrl=', '/apache-maven-1', ' '],
    work: async (t) => {
      const files: Readonly<Record<string, string>> = {
        'pom.xml': '',
        '.mvn/wrapper/maven-wrapper.properties': t,
      }
      const project = { ...projectWith('pom.xml', ''), files: new Set(Object.keys(files)) }
      const read = async (path: string) => files[path]
      await readMavenNeeds({ ...project, read }, { projects: [] }, { commands: [t, 'mvn'], said: [] })
    },
  },
  {
    file: 'pipeline/sandbox/name-refused-hosts.ts',
    name: 'output',
    limit: 256 * 1024,
    work: (t) => hostsNotReached(t),
  },
  {
    file: 'checks/plans/ci/settled-lines.ts',
    name: 'a script of CI',
    limit: 512_000,
    units: [
      'if a; then\n',
      'if [ "$A" = "b" ]; then\n',
      'for a in b; do\n',
      'elif a\n',
      'a=b\n',
      '$a',
      'x <<E\n',
      'a \\\n',
    ],
    work: (t) => settledLines(t, { A: 'b' }),
  },
  ...(['make', 'just'] as const).map((program) => ({
    file: 'checks/plans/recipe-file.ts',
    name: `a file of ${program}`,
    limit: 64 * 1024,
    units: [
      'test: x\n',
      'test x: test y\n',
      'test ',
      'test:\n\t$(MAKE) test A=b\n',
      'A=$(B)\nB=$(A)\n',
      'test: $(A) \\\n',
      'test A="{{b}}": test\n ',
    ],
    work: (t: string) => calledRules(readRecipes(t, program), ['test']),
  })),
  {
    file: 'pipeline/sandbox/name-missing-servers.ts',
    name: 'what a failed command printed',
    limit: 64_000,
    units: ['refused localhost', "can't connect to server", 'No such file connect to server', 'docker.sock'],
    work: serversNotReached,
  },
  {
    file: 'text/git-config.ts',
    name: 'readGitConfig',
    limit: 64 * 1024,
    units: ['[a "', '[a "b"]', 'a=" ', '\n[x]y = '],
    work: (t) => [readGitConfig(t), readGitConfig(`[a "${t}`), readGitConfig(`a = "${t}`)],
  },
]
