import { AwsError } from '../../wire/aws-error.ts'
import { AwsRaw, awsOperation } from '../aws/operation.ts'

/** The certificate that envelopes are signed by, where their SigningCertURL leads. */
export const getSigningCertificate = awsOperation({
  name: 'GetSigningCertificate',
  http: { method: 'GET', path: '/SimpleNotificationService/{Certificate}' },
  anonymous: true,
  input: { Certificate: { type: 'string', required: true } },
  async run({ topics }, { Certificate }) {
    const { name, certificate } = await topics.signer.signing()
    if (Certificate !== `${name}.pem`) {
      throw new AwsError('NotFound', `There is no certificate ${Certificate.slice(0, 64)}.`, { status: 404 })
    }
    return new AwsRaw(200, { 'content-type': 'application/x-pem-file' }, Buffer.from(certificate))
  },
})
