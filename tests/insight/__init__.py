"""The room of measures: values that are divided where they are shown."""
