import Anthropic from '@anthropic-ai/sdk'
import { type ProviderModelOptions, TOTAL_MS, type TurnTimer } from '../ask-provider.ts'
import { ModelError, type ProviderFacts } from '../model-error.ts'

/** The part of the SDKs' clients that a turn needs. */
export interface ClaudeClient {
  readonly messages: Pick<Anthropic['messages'], 'create'>
}

/** A place where Claude is served. */
export interface ClaudeHost {
  readonly provider: 'anthropic' | 'bedrock' | 'vertex'
  readonly facts: ProviderFacts
  /** The key, to be masked in messages of the host; empty where a library keeps the credentials. */
  readonly secret: string
  /**
   * True for Anthropic's own API, which has features that the clouds do not have yet: automatic caching, a cache that
   * lasts an hour, and the system role.
   */
  readonly takesNewest: boolean
  /** A client for one turn. @throws {ModelError} `auth` if there are no credentials. */
  connect(timer: TurnTimer): Promise<ClaudeClient>
}

const FACTS = {
  anthropic: {
    name: 'Anthropic',
    keyVariable: 'ANTHROPIC_API_KEY',
    urlVariable: 'ANTHROPIC_BASE_URL',
    billingPage: 'Billing in the Claude Console',
  },
  bedrock: {
    name: 'Amazon Bedrock',
    keyVariable: 'the AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_BEARER_TOKEN_BEDROCK or a role)',
    urlVariable: 'AWS_REGION',
    billingPage: 'Billing in the AWS console',
  },
  vertex: {
    name: 'Vertex AI',
    keyVariable: 'the Google credentials (GOOGLE_APPLICATION_CREDENTIALS, or those of the machine)',
    urlVariable: 'CLOUD_ML_REGION and ANTHROPIC_VERTEX_PROJECT_ID',
    billingPage: 'Billing in the Google Cloud console',
  },
} as const satisfies Record<ClaudeHost['provider'], ProviderFacts>

/** Anthropic's own API, or another server that speaks its protocol. */
export function createAnthropicHost({
  apiKey,
  baseUrl = 'https://api.anthropic.com',
  totalTimeoutMs,
}: ProviderModelOptions): ClaudeHost {
  return {
    provider: 'anthropic',
    facts: FACTS.anthropic,
    secret: apiKey,
    takesNewest: true,
    async connect(timer) {
      // Sets every option, so that the SDK reads no key from the environment or the disk.
      const given = { apiKey, authToken: null, webhookKey: null, baseURL: baseUrl }
      return new Anthropic({ ...given, ...clientOptions(timer, totalTimeoutMs) })
    },
  }
}

/** Where to reach Amazon Bedrock. The AWS SDK finds the credentials in the same places as the AWS command line. */
export interface BedrockSettings {
  readonly region: string
  /** Default: the address for the region. */
  readonly baseUrl?: string | undefined
}

export async function createBedrockHost(
  { region, baseUrl }: BedrockSettings,
  totalTimeoutMs?: number,
): Promise<ClaudeHost> {
  const [{ AnthropicBedrock }, { createCredentialChain, fromEnv, fromNodeProviderChain }] = await Promise.all(
    [import('@anthropic-ai/bedrock-sdk'), import('@aws-sdk/credential-providers')],
  )
  // One chain serves all turns, since it keeps credentials until they expire. As in the SDK, the environment takes
  // precedence over AWS_PROFILE.
  const credentials = createCredentialChain(fromEnv(), fromNodeProviderChain())
  return {
    provider: 'bedrock',
    facts: FACTS.bedrock,
    secret: '',
    takesNewest: false,
    async connect(timer) {
      await credentials().catch((error: unknown) => {
        if (nameOf(error) === 'CredentialsProviderError') throw noCredentials('bedrock', FACTS.bedrock)
        throw error
      })
      return new AnthropicBedrock({
        awsRegion: region,
        baseURL: baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`,
        providerChainResolver: async () => credentials,
        ...clientOptions(timer, totalTimeoutMs),
      })
    },
  }
}

/** Where to reach Google Cloud's Vertex AI. Google's library finds the credentials in the same places as gcloud. */
export interface VertexSettings {
  readonly region: string
  readonly projectId: string
  /** Default: the address for the region. */
  readonly baseUrl?: string | undefined
}

export async function createVertexHost(
  { region, projectId, baseUrl }: VertexSettings,
  totalTimeoutMs?: number,
): Promise<ClaudeHost> {
  const [{ AnthropicVertex }, { GoogleAuth }] = await Promise.all([
    import('@anthropic-ai/vertex-sdk'),
    import('google-auth-library'),
  ])
  // One instance serves all turns, since it keeps the access token until that expires.
  const googleAuth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
  return {
    provider: 'vertex',
    facts: FACTS.vertex,
    secret: '',
    takesNewest: false,
    async connect(timer) {
      await googleAuth.getClient().catch((error: unknown) => {
        // A GaxiosError is a failed request. Any other error means that no credentials were found to send a request
        // with.
        if (nameOf(error) !== 'GaxiosError') throw noCredentials('vertex', FACTS.vertex)
        throw error
      })
      const place = { region, projectId, baseURL: baseUrl ?? vertexAddress(region) }
      return new AnthropicVertex({ ...place, googleAuth, ...clientOptions(timer, totalTimeoutMs) })
    },
  }
}

function noCredentials(provider: ClaudeHost['provider'], { name, keyVariable }: ProviderFacts): ModelError {
  const userMessage = `${name}: no credentials were found; set ${keyVariable}.`
  return new ModelError({ class: 'auth', provider, model: 'any', userMessage })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** Regions that span several countries have addresses of another form. */
function vertexAddress(region: string): string {
  if (region === 'global') return 'https://aiplatform.googleapis.com/v1'
  return region === 'us' || region === 'eu'
    ? `https://aiplatform.${region}.rep.googleapis.com/v1`
    : `https://${region}-aiplatform.googleapis.com/v1`
}

function clientOptions(timer: TurnTimer, totalTimeoutMs = TOTAL_MS) {
  return {
    maxRetries: 0,
    timeout: totalTimeoutMs,
    fetch: timer.fetch,
    // The SDK's log would hold prompts, and its spans would go to whatever tracer happens to be registered.
    logLevel: 'off' as const,
    openTelemetry: false as const,
  }
}
