"""Java itself, and classes that are not there or do not fit."""

from launcher.runs.explain.cause import Cause

CAUSES = (
    Cause(
        id="java-not-found",
        looks_like="`JAVA_HOME is not set`, `bin/java: No such file or directory`",
        hint="Install Java 17 or 21 and let JAVA_HOME name its folder; sparkjob doctor prints the command.",
        lines=(
            r"JAVA_HOME is not set",
            r"bin/java: (?:No such file or directory|not found|Permission denied|cannot execute)",
            r"java: (?:command )?not found",
        ),
    ),
    Cause(
        id="java-refuses-options",
        looks_like="`Could not create the Java Virtual Machine`, `Invalid maximum heap size: -Xmx2gb`",
        hint="Java refuses an option that it was given: write spark.driver.memory with k, m, g or t (2g), "
        "of a size that this machine has, and look at spark.driver.extraJavaOptions and JAVA_TOOL_OPTIONS.",
        lines=(
            r"Invalid (?:maximum|initial|minimum) heap size.*",
            r"Too small (?:maximum|initial) heap.*",
            r"Could not reserve enough space for .*",
            r"Error: Could not create the Java Virtual Machine.*",
            r"Error occurred during initialization of VM",
        ),
    ),
    Cause(
        id="java-too-new",
        looks_like="`UnsupportedOperationException: getSubject is not supported`",
        hint="Spark 4.0 runs on Java 17 and 21, not on newer ones: let JAVA_HOME name one of these.",
        errors=(r"getSubject is (?:not )?supported",),
    ),
    Cause(
        id="java-too-old",
        looks_like="`UnsupportedClassVersionError`, `Unsupported major.minor version`",
        hint="A class was built for a newer Java than the one that runs: let JAVA_HOME name Java "
        "17 or 21, on the workers too, or take a jar that was built for it.",
        errors=(
            r"UnsupportedClassVersionError",
            r"compiled by a more recent version of the Java Runtime",
            r"Unsupported major\.minor version",
        ),
    ),
    Cause(
        id="delta-jars-missing",
        looks_like="`Failed to find the data source: delta`, `ClassNotFoundException: io.delta...`",
        hint="The session has no Delta jars: pass --jars $(sparkjob jars path) to spark-submit, or "
        "let sparkjob run do it. Setting spark.jars inside the script is too late.",
        errors=(
            r"Failed to find the data source: delta\b",
            r"(?:ClassNotFoundException|NoClassDefFoundError): (?:Class )?"
            r"(?:io[./]delta|org[./]apache[./]spark[./]sql[./]delta|delta)[./]",
            r"plugin class for catalog '[^']*': org\.apache\.spark\.sql\.delta",
        ),
    ),
    Cause(
        id="s3-jars-missing",
        looks_like="`ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found`",
        hint="The session has no S3 jars: pass --jars $(sparkjob jars path s3) to spark-submit, or "
        "let sparkjob run do it.",
        errors=(r"(?:Class|ClassNotFoundException:) org\.apache\.hadoop\.fs\.s3a\.[\w$]+(?: not found)?",),
    ),
    Cause(
        id="class-not-found",
        looks_like="`ClassNotFoundException`, `NoClassDefFoundError`, `DATA_SOURCE_NOT_FOUND`",
        hint="A jar is missing: add it with --jars or --packages. A JDBC driver or another format "
        "has a jar of its own, and --jars does not bring what that jar needs.",
        errors=(
            r"ClassNotFoundException|NoClassDefFoundError|DATA_SOURCE_NOT_FOUND|No suitable driver",
            r"Failed to find (?:the )?data source",
        ),
    ),
    Cause(
        id="jar-versions-differ",
        looks_like="`NoSuchMethodError`, `AbstractMethodError`, `IncompatibleClassChangeError`",
        hint="A jar was built for another version of Spark, Scala or Delta: take the one of this "
        "Spark; sparkjob jars path lists jars that fit together.",
        errors=(r"NoSuchMethodError|NoSuchFieldError|AbstractMethodError|IncompatibleClassChangeError",),
    ),
)
