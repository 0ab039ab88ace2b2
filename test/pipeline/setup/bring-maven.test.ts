import { expect, test } from 'vitest'
import type { EnvironmentPlan } from '../../../src/checks/environment/plan-environment.ts'
import { bringMaven } from '../../../src/pipeline/setup/bring-maven.ts'
import { openWorkspace } from '../../agent/support/open-workspace.ts'

/** A registry in files, with a parent that asks for Maven 3.9, and a program that is enough of a Maven. */
const REGISTRY = `mkdir -p bin mirror/g/p/1 mirror/org/apache/maven/apache-maven/3.9.16 apache-maven-3.9.16/bin apache-maven-3.9.16/conf conf
printf '#!/bin/sh\\nprintf "\\\\033[1mApache Maven 3.8.7\\\\033[m\\\\n"\\n' > bin/mvn
printf '#!/bin/sh\\necho the new one\\n' > apache-maven-3.9.16/bin/mvn
chmod +x bin/mvn apache-maven-3.9.16/bin/mvn
printf '<project><prerequisites><maven>3.9</maven></prerequisites></project>' > mirror/g/p/1/p-1.pom
printf '<settings><!-- <mirror><mirrorOf>*</mirrorOf><url>file:///none</url></mirror> -->\\n<mirror>\\n<mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url></mirror><mirror><mirrorOf>central</mirrorOf>\\n<url>file://%s/mirror</url></mirror></settings>' "$PWD" > conf/settings.xml
tar -czf mirror/org/apache/maven/apache-maven/3.9.16/apache-maven-3.9.16-bin.tar.gz apache-maven-3.9.16`

test('a Maven that a parent asks for comes from the mirror of the settings, if its checksum is right', async () => {
  const { sandbox, workspace, sh } = await openWorkspace()
  await sh(REGISTRY)
  const parent = { group: 'g', artifact: 'p', version: '1', relativePath: '' }
  const pom = { source: 'pom.xml', artifact: 'a', parent, properties: new Map(), asked: [] }
  const environment = {
    variables: {},
    path: [`${workspace}/bin`],
    egress: { allowHosts: [] },
    services: [],
    unmet: [],
  }
  const plan: Pick<EnvironmentPlan, 'maven' | 'environment'> = {
    maven: { wishes: [], poms: [pom] },
    environment,
  }
  const bring = () => bringMaven({ sandbox, path: workspace }, plan, new AbortController().signal)
  const archive = 'mirror/org/apache/maven/apache-maven/3.9.16/apache-maven-3.9.16-bin.tar.gz'
  await sh(`echo 00 > ${archive}.sha512`)
  const wrong = await bring()
  const why = '`g:p:1` asks for Maven `3.9`, and the sandbox has only 3.8.7.'
  expect(wrong.environment.unmet).toEqual([
    `${why} Maven 3.9.16 could not be fetched: \`its checksum is wrong\`. A Maven wrapper in the repository, or a sandbox template with that version, brings it.`,
  ])
  expect(wrong.environment.path).toEqual([`${workspace}/bin`])
  await sh(`sha512sum ${archive} > ${archive}.sha512`)
  const right = await bring()
  expect(right.notices).toEqual([
    {
      level: 'info',
      message: `${why} Commands of the project run with Maven 3.9.16, which was fetched for them.`,
    },
  ])
  const [bin = ''] = right.environment.path
  expect(await sh(`${bin}/mvn; cmp ${bin}/../conf/settings.xml conf/settings.xml && echo kept`)).toBe(
    'the new one\nkept',
  )
})
