"""Who we are, and what we may do."""

from launcher.runs.explain.cause import Cause

CAUSES = (
    Cause(
        id="authentication-failed",
        looks_like="`SaslException`, `Mismatched response`, `GSS initiate failed`",
        hint="The other side does not accept who we are: spark.authenticate.secret must be the "
        "same on master, workers and driver; with Kerberos a valid ticket is needed (kinit, "
        "or principal and keytab).",
        errors=(
            r"SaslException|Mismatched response|GSS initiate failed|Client cannot authenticate via"
            r"|SASL authentication|Authentication failed\b",
        ),
    ),
    Cause(
        id="s3-credentials-missing",
        looks_like="`No AWS Credentials provided`, `Unable to load credentials`",
        hint="No key for S3 was found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the "
        "driver starts, or a role or profile that the provider chain finds.",
        errors=(r"NoAuthWithAWSException|No AWS Credentials|Unable to load credentials|NoCredentialsError",),
    ),
    Cause(
        id="s3-forbidden",
        looks_like="S3: status 403, `AccessDenied`, `InvalidAccessKeyId`, `SignatureDoesNotMatch`",
        hint="The store knows the key but refuses it, or does not know it: check the key, the "
        "rights on bucket and path, the region, and the clock of this machine.",
        errors=(r"Status Code: 40[13]\b|InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied\b",),
    ),
    Cause(
        id="permission-denied",
        looks_like="`Permission denied`, `PermissionError`, `AccessControlException`",
        hint="The user who runs this may not read or write that path: change its rights, or run as "
        "its owner.",
        errors=(r"Permission denied|PermissionError|AccessControlException|Operation not permitted",),
    ),
)
