"""relays that fail

Revision ID: mail_relays
Revises: check_in
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'mail_relays'
down_revision = 'check_in'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_relay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('next_probe_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('recent', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_relay')),
    sa.UniqueConstraint('name', name=op.f('uq_mail_relay_name'))
    )


def downgrade() -> None:
    op.drop_table('mail_relay')
