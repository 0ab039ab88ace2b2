import { expect, test } from 'vitest'
import { chooseMaven } from '../../../src/checks/environment/choose-maven.ts'
import { readMavenNeeds } from '../../../src/checks/environment/maven-needs.ts'
import { parsePom, wishesOfPoms } from '../../../src/checks/environment/maven-poms.ts'
import { readVersionWishes } from '../../../src/checks/environment/version-wishes.ts'
import { readCi } from '../../../src/checks/plans/ci/read-ci.ts'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

const enforced = (version: string) =>
  `<build><plugins><plugin><artifactId>maven-enforcer-plugin</artifactId><executions><execution><configuration><rules>
  <requireMavenVersion><version>${version}</version></requireMavenVersion></rules></configuration></execution></executions></plugin></plugins></build>`
const pom = (inside: string) => ({ 'pom.xml': `<project><artifactId>a</artifactId>${inside}</project>` })

async function needs(files: Record<string, string>, commands: readonly string[] = ['mvn -B test']) {
  const project = projectOf(files)
  const { maven: said, unknown } = await readVersionWishes(project, (await readCi(project)).versions)
  expect(unknown).toEqual([])
  return readMavenNeeds(project, await detectRepository(project), { commands, said })
}

const PARENT = '<parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent>'
const WRAPPER =
  'distributionUrl=https\\://repo.example.org/org/apache/maven/apache-maven/3.9.6/apache-maven-3.9.6-bin.zip'

test.each<[string, Record<string, string>, string | undefined]>([
  ['nothing', pom(''), undefined],
  ['a version that fits', pom(enforced('3.6.3')), undefined],
  ['a newer version', pom(enforced('3.9')), '3.9.16'],
  ['a range', pom(enforced('[3.9,)')), '3.9.16'],
  ['an older range', pom(enforced('[3.5,3.6),[3.6.1,3.8)')), '3.5.0'],
  ['a preview', pom(enforced('[4.0.0-rc-3,)')), '4.0.0-rc-3'],
  ['a property', pom(`<properties><m>3.9.1</m></properties>${enforced(`\${m}`)}`), '3.9.16'],
  ['a property of itself', pom(`<properties><m>\${m}</m></properties>${enforced(`\${m}`)}`), undefined],
  ['prerequisites', pom('<prerequisites><maven>3.9.0</maven></prerequisites>'), '3.9.16'],
  ['a rule of a profile', pom(`<profiles><profile>${enforced('4')}</profile></profiles>`), undefined],
  ['no version', pom(enforced('new')), undefined],
  [
    'a wrapper without its script',
    { ...pom(''), '.mvn/wrapper/maven-wrapper.properties': WRAPPER },
    '3.9.16',
  ],
  ['SDKMAN', { ...pom(''), '.sdkmanrc': 'java=21.0.2-tem\nmaven=3.9.1\n' }, '3.9.16'],
  ['asdf', { ...pom(''), '.tool-versions': 'maven 3.8.1' }, undefined],
  ['mise', { ...pom(''), 'mise.toml': '[tools]\nmaven = "3.9"' }, '3.9.16'],
  [
    'CI, whose oldest version counts',
    {
      ...pom(''),
      '.github/workflows/ci.yml': `on: push\njobs: {a: {runs-on: ubuntu-latest, strategy: {matrix: {m: [4.0.0, 3.9.2]}}, steps: [{uses: stCarolas/setup-maven@v5, with: {maven-version: "\${{ matrix.m }}"}}]}}`,
    },
    '3.9.16',
  ],
  [
    'a parent in the repository',
    {
      'pom.xml': `<project><artifactId>a</artifactId>${PARENT.replace('</parent>', '<relativePath>up</relativePath></parent>')}<properties><m>3.9</m></properties></project>`,
      'up/pom.xml': `<project><artifactId>p</artifactId><properties><m>3</m></properties>${enforced(`\${m}`)}</project>`,
    },
    '3.9.16',
  ],
])('the Maven that a build asks for, where the sandbox has 3.8.7: %s', async (_, files, version) => {
  const { wishes, poms } = (await needs(files)) ?? { wishes: [], poms: [] }
  expect(chooseMaven([...wishes, ...wishesOfPoms(poms)], '3.8.7')?.version).toBe(version)
})

test('what a parent elsewhere asks for counts with the properties of the child; a wrapper brings its own Maven', async () => {
  const child = pom(`${PARENT}<properties><m>[3.9,)</m></properties>`)
  const { poms } = (await needs(child)) ?? { poms: [] }
  expect(poms.at(-1)?.parent).toMatchObject({ group: 'g', artifact: 'p', version: '1' })
  const parent = parsePom(`<project><properties><m>3</m></properties>${enforced(`\${m}`)}</project>`, 'g:p:1')
  const unmet = { wanted: '[3.9,)', source: 'g:p:1' }
  expect(chooseMaven(wishesOfPoms([...poms, parent]), '3.8.7')).toEqual({ version: '3.9.16', unmet })
  expect(chooseMaven([], undefined)).toEqual({ version: '3.9.16', unmet: undefined })
  expect(await needs(child, ['sh ./mvnw -B test'])).toBe(undefined)
})
