import { DEVELOPMENT_TOKENS } from './development-tokens.ts'
import { findJsonWebToken } from './find-json-web-token.ts'
import { findKeyRest } from './find-key-rest.ts'
import { findKubernetesSecret } from './find-kubernetes-secret.ts'
import { findCurlUser, findUrlPassword } from './find-login.ts'
import { findPassword } from './find-password.ts'
import { findPrivateKey } from './find-private-key.ts'
import type { AssignedRule, SecretRule, SpecialRule } from './rule.ts'
import { SERVICE_TOKENS } from './service-tokens.ts'

function assigned(
  id: string,
  name: string,
  rest: Pick<AssignedRule, 'keywords' | 'identifier' | 'value'>,
): AssignedRule {
  return { form: 'assigned', id, name, entropy: 3, ignoreCase: true, ...rest }
}

function special(id: string, name: string, rest: Pick<SpecialRule, 'keywords' | 'find'>): SpecialRule {
  return { form: 'special', id, name, ...rest }
}

/** Rules for secrets that gitleaks does not have, or finds only with a pattern that searches far. */
export const OWN_RULES: readonly SecretRule[] = [
  ...DEVELOPMENT_TOKENS,
  ...SERVICE_TOKENS,
  assigned('azure-devops-pat', 'Azure DevOps token', {
    keywords: ['azure_devops', 'azdo', 'system_accesstoken'],
    identifier: 'azure_devops|azdo|system_accesstoken',
    value: '[a-z2-7]{52}',
  }),
  assigned('aws-secret-access-key', 'AWS secret key', {
    keywords: ['aws_secret', 'secret_access_key', 'secretaccesskey', 'aws-secret'],
    identifier: 'aws[_-]secret(?:[_-]access)?[_-]key|aws[_-]secret|secret_?access_?key',
    value: '[A-Za-z0-9/+=]{40}',
  }),
  assigned('sourcegraph-access-token', 'Sourcegraph token', {
    keywords: ['sourcegraph'],
    identifier: 'sourcegraph',
    value: '[a-f0-9]{40}',
  }),
  assigned('atlassian-api-token', 'Atlassian token', {
    keywords: ['atlassian', 'confluence', 'jira'],
    identifier: 'atlassian|confluence|jira',
    value: '[a-z0-9]{20}[a-f0-9]{4}',
  }),
  assigned('twilio-auth-token', 'Twilio auth token', {
    keywords: ['twilio'],
    identifier: 'twilio',
    value: '[a-f0-9]{32}',
  }),
  special('jwt', 'JSON web token', { keywords: ['.ey'], find: findJsonWebToken }),
  special('private-key', 'private key', { keywords: ['-----begin'], find: findPrivateKey }),
  special('private-key', 'rest of a private key', { keywords: ['-----end'], find: findKeyRest }),
  special('url-password', 'URL password', { keywords: ['://'], find: findUrlPassword }),
  special('curl-auth-user', 'password for curl', {
    keywords: ['-u ', '-u"', "-u'", '--user'],
    find: findCurlUser,
  }),
  special('password', 'password', {
    keywords: ['password', 'passwd', 'passphrase', 'pwd', 'secret'],
    find: findPassword,
  }),
  special('kubernetes-secret-yaml', 'Kubernetes secret', { keywords: ['kind:'], find: findKubernetesSecret }),
]
