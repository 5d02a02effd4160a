"""Places where groups meet."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="centre",
    scope=Scope.EXTRACT,
    meaning="Places where groups meet.",
    columns=(
        Column("centre_id", Kind.TEXT, "Id of the centre.", required=True),
        Column("branch_id", Kind.TEXT, "Branch.", required=True),
        Column("name", Kind.TEXT, "Name."),
        Column("meeting_weekday", Kind.TEXT, "Weekday of the meeting."),
        Column("meeting_time", Kind.TEXT, "Time of the meeting."),
        Column("pincode", Kind.TEXT, "PIN code."),
        Column("latitude", Kind.DECIMAL, "Latitude, degrees."),
        Column("longitude", Kind.DECIMAL, "Longitude, degrees."),
        Column("officer_id", Kind.TEXT, "Officer."),
    ),
    key=("centre_id",),
)
